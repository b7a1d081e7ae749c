import { type Refusal, refusalBody } from "./refusal.ts";

/** How those are treated who ask at one address: it depends on what is served there. */
export interface Site {
  /** The paths that are served to those who have not shown a token. */
  readonly open: RegExp;
  /** The path that tells those only whether, and not why; absent: none. */
  readonly terse?: string;
  /** Whether people log in, in a browser, and get a cookie. */
  readonly hasLogin: boolean;
  /** Whether a POST may have no body at all, and then no content type. */
  readonly takesBarePosts?: boolean;
  /**
   * Whether it may be asked for by any IP address. A page of somebody else can make its own name mean this host, but no
   * address: what is reached by one that nobody knows beforehand, such as that of a pod, may be asked for by it.
   */
  readonly takesAddresses?: boolean;
  /** Whether it is served beyond this host also by a runtime that keeps no limits of time, which is told then. */
  readonly isForProbes?: boolean;
  /** The body of a refusal. */
  bodyOf(refusal: Refusal, path: string): { readonly type: string; readonly text: string };
}

/** The state of a fleet: whether the program lives, and where to log in, are served to everybody. */
export const FLEET_SITE: Site = {
  open: /^\/(?:healthz|login(?:\/[\w-][\w.-]*)?|favicon\.(?:ico|svg))$/,
  terse: "/readyz",
  hasLogin: true,
  bodyOf: refusalBody,
};
