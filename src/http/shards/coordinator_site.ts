import { refusalBody } from "../server/refusal.ts";
import type { Site } from "../server/site.ts";

/** The codes of what is refused before a route is asked. */
const CODES: Readonly<Record<number, string>> = {
  401: "unauthorized",
  403: "unauthorized",
  404: "not_found",
  408: "deadline",
  413: "too_large",
  503: "busy",
};

/**
 * A coordinator. Without a token it says whether it is well, as the router does, and shows where to log in; what is refused
 * has the form of the router's errors, but at the login, whose page knows that of the fleet's.
 */
export const COORDINATOR_SITE: Site = {
  open: /^\/(?:health|login(?:\/[\w-][\w.-]*)?|favicon\.(?:ico|svg))$/,
  hasLogin: true,
  bodyOf(refusal, path) {
    if (/^\/log(?:in|out)$/.test(path)) return refusalBody(refusal, path);
    const { status, error } = refusal;
    const problem = {
      code: CODES[status] ?? "bad_request",
      message: `${error.charAt(0).toLowerCase()}${error.slice(1)}`,
      ...status === 401 && { hint: "send Authorization: Bearer TOKEN" },
    };
    return { type: "application/json", text: `${JSON.stringify({ error: problem })}\n` };
  },
};
