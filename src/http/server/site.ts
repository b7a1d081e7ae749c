import { type Refusal, refusalBody } from "./refusal.ts";

/** How those are treated who ask at one address: it depends on what is served there. */
export interface Site {
  /** The paths that are served to those who have not shown a token. */
  readonly open: RegExp;
  /** The path that tells those only whether, and not why; absent: none. */
  readonly terse?: string;
  /** Whether people log in, and get a cookie. */
  readonly hasLogin: boolean;
  /** The body of a refusal. */
  bodyOf(refusal: Refusal, path: string): { readonly type: string; readonly text: string };
}

/** The status page with its API: without a token it says whether the program lives, and where to log in. */
export const PAGE: Site = {
  open: /^\/(?:healthz|login(?:\/[\w-][\w.-]*)?|favicon\.(?:ico|svg))$/,
  terse: "/readyz",
  hasLogin: true,
  bodyOf: refusalBody,
};
