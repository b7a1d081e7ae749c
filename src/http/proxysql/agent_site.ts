import { refusalBody, type Site } from "../server/mod.ts";

/** What the agent of a ProxySQL serves: health to everybody, since probes have no token, and nothing to people. */
export const AGENT_SITE: Site = {
  open: /^\/healthz\/(?:live|ready|started)$/,
  hasLogin: false,
  takesBarePosts: true,
  takesAddresses: true,
  isForProbes: true,
  bodyOf: refusalBody,
};
