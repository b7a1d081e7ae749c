import type { Clause } from "../../language/mod.ts";
import type { Mode } from "../../policy/mod.ts";
import { type DatabaseState, type GateStatus, isHurt, type LeaseStatus } from "./database_state.ts";

/** A gate as JSON shows it. */
export interface GateJson {
  readonly policy: string;
  readonly mode: Mode;
  readonly state: GateStatus["state"];
  readonly since: string;
  readonly before?: GateStatus["state"];
  readonly ready: boolean;
  readonly because: readonly Clause[];
}

/**
 * A database as JSON shows it, in the API and on the status page. Moments are in ISO 8601, as in events; durations,
 * also those among `values` and `limits`, in milliseconds.
 */
export interface DatabaseJson {
  readonly name: string;
  readonly group?: string;
  readonly mode: Mode;
  readonly hurt: boolean;
  readonly reach: DatabaseState["reach"];
  readonly reason?: string;
  readonly advice?: string;
  readonly since: string;
  readonly flavor?: string;
  readonly version?: string;
  readonly encrypted?: boolean;
  readonly read_only?: boolean;
  readonly interval_ms: number;
  readonly looked_at?: string;
  readonly took_ms?: number;
  readonly values: DatabaseState["values"];
  readonly limits: DatabaseState["limits"];
  readonly gates: readonly GateJson[];
  readonly lease?: Omit<LeaseStatus, "since"> & { readonly since: string };
  readonly hold?: { readonly reason: string; readonly note?: string };
  readonly budget: DatabaseState["budget"];
  readonly looks: number;
  readonly errors: number;
  readonly skipped: number;
  readonly late: number;
  readonly outcomes: DatabaseState["outcomes"];
  readonly spared: DatabaseState["spared"];
  /** The kills of the last minutes, dry ones included, the newest last. */
  readonly recent: readonly { readonly at: string; readonly policy: string; readonly outcome: string }[];
}

/** The JSON of a database. */
export function databaseJson(state: DatabaseState): DatabaseJson {
  const { since, readOnly, interval, lookedAt, took, gates, lease, hold, ticks, ...same } = state;
  return {
    ...same,
    hurt: isHurt(state),
    since: moment(since),
    ...readOnly !== undefined && { read_only: readOnly },
    interval_ms: interval,
    ...lookedAt !== undefined && { looked_at: moment(lookedAt) },
    ...took !== undefined && { took_ms: Math.round(took * 10) / 10 },
    gates: gates.map((gate) => ({ ...gate, since: moment(gate.since) })),
    ...lease !== undefined && { lease: { ...lease, since: moment(lease.since) } },
    ...hold !== undefined &&
      { hold: { reason: hold.reason, ...hold.note !== undefined && { note: hold.note } } },
    recent: ticks.map((tick) => ({ ...tick, at: moment(tick.at) })),
  };
}

function moment(at: number): string {
  return new Date(at).toISOString();
}
