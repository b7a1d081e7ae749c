export { killAll, type Killer } from "./kill.ts";
