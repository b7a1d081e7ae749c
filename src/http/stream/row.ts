import {
  type DatabaseJson,
  databaseJson,
  type DatabaseState,
  type Fleet,
  type GateStatus,
  TRACED,
  type TracedName,
} from "../fleet/mod.ts";
import type { Standing } from "./standing.ts";

/** What the page shows of a database: its JSON without what only counts. */
export interface Row extends Omit<DatabaseJson, Unshown> {
  readonly standing: Standing;
  /** The last minutes of what it is hurt by, a step of `STEP` each; for all that are shown with their lines. */
  readonly traces?: Readonly<Partial<Record<TracedName, readonly (number | null)[]>>>;
}

type Unshown =
  | "hurt"
  | "encrypted"
  | "took_ms"
  | "looks"
  | "errors"
  | "skipped"
  | "late"
  | "outcomes"
  | "spared";

/** The row of a database, without its traces. The last look is in it only where there should have been another. */
export function rowOf(state: DatabaseState, standing: Standing): Row {
  const gates = state.gates.map((gate) =>
    gate.state === "closed" && standing !== "recovering" ? bare(gate) : gate
  );
  const json = databaseJson({ ...state, gates });
  const { hurt: _, encrypted: _e, took_ms: _t, looked_at, looks: _l, values, ...rest } = json;
  const { errors: _r, skipped: _s, late: _a, outcomes: _o, spared: _p, ...shown } = rest;
  const isLate = looked_at !== undefined && (standing === "silent" || standing === "unreachable");
  return {
    ...shown,
    standing,
    ...isLate && { looked_at },
    values: Object.fromEntries(TRACED.flatMap((name) => name in values ? [[name, values[name]!]] : [])),
  };
}

/** A gate without why: to find that out for each that is closed takes longer than all else. */
function bare({ policy, mode, state, since, before, ready }: GateStatus): GateStatus {
  return { policy, mode, state, since, ...before !== undefined && { before }, ready, because: [] };
}

/** The traces of a database, whole numbers of what there is a value of. */
export function tracesOf(fleet: Fleet, { name, values }: DatabaseState): Required<Row>["traces"] {
  return Object.fromEntries(
    TRACED.filter((traced) => traced in values).map((traced) => [
      traced,
      (fleet.trace(name, traced) ?? []).map((value) => value === null ? null : Math.round(value)),
    ]),
  );
}

/** What of a row has changed: its name, and each key with its new value, null for one that is gone. */
export function changeOf(before: Row, row: Row): Readonly<Record<string, unknown>> | undefined {
  const [old, now] = [before, row] as unknown as readonly Readonly<Record<string, unknown>>[];
  const keys = new Set([...Object.keys(old!), ...Object.keys(now!)]);
  const changed = [...keys].filter((key) => JSON.stringify(old![key]) !== JSON.stringify(now![key]));
  if (changed.length === 0) return undefined;
  return { name: row.name, ...Object.fromEntries(changed.map((key) => [key, now![key] ?? null])) };
}
