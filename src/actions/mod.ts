export { killAll } from "./kill.ts";
export type { Killer } from "./killer.ts";
export { type KillProof, proveKill } from "./prove_kill.ts";
