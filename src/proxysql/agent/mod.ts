export { Agent } from "./agent.ts";
export type { DesiredPeer, Discovered, Discovery } from "./discovery.ts";
export type { Leader, Leading } from "./leader.ts";
export type { Act, AgentAdmin, AgentConfig, AgentOptions } from "./options.ts";
export { peersInForce, resyncStatements } from "./resync.ts";
export { type Self, selfOf } from "./self.ts";
export type { AgentAct, AgentStatus } from "./status.ts";
export type { Peer as AgentPeer } from "../status.ts";
