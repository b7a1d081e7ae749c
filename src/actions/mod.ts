export { killAll, type Killer } from "./kill.ts";
export { type KillProof, proveKill } from "./prove_kill.ts";
