import type { AdminState } from "../admin.ts";
import type { Peer } from "../status.ts";
import type { Leading } from "./leader.ts";
import type { AgentConfig } from "./options.ts";

/** What an agent did to ProxySQL, or did not and why. */
export interface AgentAct {
  readonly at: string;
  readonly what: "peers" | "resync" | "stamp";
  /** `refused`: nothing was changed. `failed`: it was stopped, and what runs may be changed in part. */
  readonly outcome: "done" | "failed" | "refused" | "conflict" | "dry-run";
  readonly reason: string;
  /** What was sent, without what only reads. */
  readonly statements: readonly string[];
}

/** What an agent knows. JSON-able. */
export interface AgentStatus {
  readonly role: AgentConfig["role"];
  /** Of the admin interface. */
  readonly state: AdminState;
  readonly version: string | null;
  /** Null where nobody is elected. */
  readonly leader: Leading | null;
  /** The cores that it lists, as it sees them. */
  readonly peers: readonly Peer[];
  /** When the last look that was answered ended. */
  readonly last_look: string | null;
  /** The last ones, the newest first. */
  readonly last_acts: readonly AgentAct[];
  /** What is not as it should be, and what is not done because of it. */
  readonly reasons: readonly string[];
}
