export { type Look, look } from "./look.ts";
export type { Outlook } from "./outlook.ts";
export { CAUSES_PAUSE, LONGEST_PAUSE, type Pace, pauseAfter, SHORTEST_PAUSE } from "./pace.ts";
