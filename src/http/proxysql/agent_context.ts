import type { Clock } from "../../clock.ts";
import type { Health, Probe } from "../../proxysql/mod.ts";
import type { AgentAct, AgentPeer, Leading } from "../../proxysql/agent/mod.ts";

/** What can be asked for by POST, and takes a while. */
export const WORKS = ["resync", "stamp", "drain", "resume", "dump", "shutdown"] as const;

export type Work = typeof WORKS[number];

/** Something that was asked for, by a client, a signal or the time. JSON-able. */
export interface WorkState {
  readonly id: string;
  readonly work: Work;
  readonly state: "running" | "done" | "failed";
  readonly since: string;
  readonly ended: string | null;
  /** What became of it, in words. */
  readonly reason: string | null;
}

/** Whether a work was begun. */
export type Begun =
  | { readonly kind: "begun"; readonly id: string; readonly ended: Promise<WorkState> }
  /** One runs that it cannot run beside. */
  | { readonly kind: "busy"; readonly running: WorkState }
  /** It cannot be done here, or not now. */
  | { readonly kind: "refused"; readonly reason: string };

/** Servers behind a ProxySQL, as it says. */
export interface BackendState {
  readonly hostgroup: number | null;
  readonly address: string;
  readonly status: string;
}

/** What was counted since the agent began. */
export interface AgentCounts {
  readonly looks: number;
  /** Looks that ProxySQL did not answer. */
  readonly errors: number;
  readonly dumps: number;
  readonly failed_dumps: number;
  readonly purges: number;
  /** Sessions that drains have ended. */
  readonly closed_sessions: number;
}

/** A ProxySQL and its agent, as far as is known without asking. JSON-able. */
export interface AgentState {
  readonly address: string;
  readonly role: string;
  /** Of the admin interface. */
  readonly state: "new" | "up" | "wedged" | "down";
  readonly version: string | null;
  readonly live: boolean;
  readonly ready: boolean;
  readonly started: boolean;
  /** Why it is not ready; empty if it is. */
  readonly reasons: readonly string[];
  readonly draining: boolean;
  /** Null where it is not known. */
  readonly paused: boolean | null;
  /** Null where nobody is elected. */
  readonly leader: Leading | null;
  readonly peers: readonly AgentPeer[];
  readonly backends: readonly BackendState[];
  /** What the agent sees that is not as it should be. */
  readonly findings: readonly string[];
  readonly acts: readonly AgentAct[];
  readonly works: readonly WorkState[];
  /** When ProxySQL answered a look last. */
  readonly last_answer: string | null;
  readonly last_dump: string | null;
  readonly dry_run: boolean;
  readonly counts: AgentCounts;
}

/** What the routes of an agent are made of. */
export interface AgentContext {
  /** Of this program. */
  readonly version: string;
  readonly clock: Clock;
  /** When the program began, in milliseconds since 1970. */
  readonly started: number;
  /** From what was seen last: nobody waits for ProxySQL. */
  health(probe: Probe): Promise<Health>;
  state(): Promise<AgentState>;
  begin(work: Work): Promise<Begun>;
  /** Whether GET /shutdown does what POST does. */
  drainsByGet(): boolean;
  /** How many events the subscribers of the stream missed. */
  dropped(): number;
}
