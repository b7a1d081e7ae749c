export { type Look, look } from "./look.ts";
export type { Forecast } from "./forecast.ts";
export { CAUSES_PAUSE, LONGEST_PAUSE, type Pace, pauseAfter, SHORTEST_PAUSE } from "./pace.ts";
