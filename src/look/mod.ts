export { type Look, look, type LookSource } from "./look.ts";
export { everyNeed, type Needs, needsByHour, needsOf, tasksOf } from "./needs.ts";
export type { Outlook } from "./outlook.ts";
export { CAUSES_PAUSE, LONGEST_PAUSE, type Pace, pauseAfter, SHORTEST_PAUSE } from "./pace.ts";
