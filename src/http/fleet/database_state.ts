import type { Clause } from "../../language/mod.ts";
import type { GateState, Hold, Mode } from "../../policy/mod.ts";

/** A value of a database as it is shown: null is unknown. Durations are in milliseconds. */
export type ShownValue = number | string | boolean | null;

/** The gate of a policy, as of the last look. */
export interface GateStatus {
  readonly policy: string;
  /** What the policy does there when it acts: it is a dry run where either the database or the policy says so. */
  readonly mode: Mode;
  readonly state: GateState;
  /** Since when it is in that state, in milliseconds since 1970. */
  readonly since: number;
  /** The state before that one, of the same connection. */
  readonly before?: GateState;
  /** It has been open for as long as the policy asks. */
  readonly ready: boolean;
  /** The clauses that decided; empty for a policy without a gate. */
  readonly because: readonly Clause[];
}

/** Who may kill on a server. */
export interface LeaseStatus {
  readonly state: "held" | "elsewhere" | "unavailable";
  /** The holder in words, where another program has it. */
  readonly holder?: string;
  readonly reason?: string;
  readonly since: number;
}

/** A kill, for the drawing of a database's last minutes. */
export interface KillTick {
  /** In milliseconds since 1970. */
  readonly at: number;
  readonly policy: string;
  readonly outcome: string;
}

/** All that is known of one database. JSON-able; moments are milliseconds since 1970. */
export interface DatabaseState {
  readonly name: string;
  readonly group?: string;
  readonly mode: Mode;
  /** The longest time between two looks, in milliseconds. */
  readonly interval: number;
  readonly reach: "connecting" | "watched" | "unreachable";
  /** Why it is unreachable, and what to do. */
  readonly reason?: string;
  readonly advice?: string;
  /** Since when it is reached, or not. */
  readonly since: number;
  readonly flavor?: string;
  readonly version?: string;
  readonly encrypted?: boolean;
  readonly readOnly?: boolean;
  /** When the last look ended, and how long it took in milliseconds; absent before the first. */
  readonly lookedAt?: number;
  readonly took?: number;
  /** By the names of the policy language: what the policies in force ask for. */
  readonly values: Readonly<Record<string, ShownValue>>;
  /** By name, in the units of the values. */
  readonly limits: Readonly<Record<string, number>>;
  /** In the order of the policies. */
  readonly gates: readonly GateStatus[];
  readonly lease?: LeaseStatus;
  /** Why nothing is killed there now. */
  readonly hold?: Hold;
  readonly budget: "free" | "spent";
  /** Since the program began to watch it. */
  readonly looks: number;
  readonly errors: number;
  readonly skipped: number;
  readonly late: number;
  /** Outcomes of kills by policy and outcome, with `would-kill`; without what was skipped. */
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What was skipped, by reason. */
  readonly spared: Readonly<Record<string, number>>;
  /** The kills of the last minutes, the newest last. */
  readonly ticks: readonly KillTick[];
}

/** Whether a database is hurt: a gate is open, of a policy that has one. */
export function isHurt({ gates }: Pick<DatabaseState, "gates">): boolean {
  return gates.some(({ state, because }) => state === "open" && because.length > 0);
}
