import type { DatabaseState, GateStatus } from "../../../src/http/fleet/mod.ts";
import type { LookExplanation, SessionExplanation } from "../../../src/cli/commands/explain/explanation.ts";
import { type Asked, FIRST_MODEL, type Model } from "../../../src/cli/commands/top/model.ts";
import { type Line, textOf } from "../../../src/cli/commands/top/terminal/line.ts";
import { frame } from "../../../src/cli/commands/top/view/frame.ts";

export const NOW = Date.UTC(2026, 10, 20, 10);

export function database(name: string, changes: Partial<DatabaseState> = {}): DatabaseState {
  return {
    ...{ name, mode: "enforce", interval: 1000, reach: "watched", since: NOW - 60_000 },
    values: { lag: 0, hll: 120, threads_running: 3 },
    ...{ limits: {}, gates: [], budget: "free", looks: 1, errors: 0, skipped: 0, late: 0 },
    ...{ outcomes: {}, spared: {}, ticks: [] },
    ...changes,
  };
}

export function gate(policy: string, changes: Partial<GateStatus> = {}): GateStatus {
  const because = [{ expression: "lag > limits.lag", left: "42s", right: "30s" }];
  return { policy, mode: "enforce", state: "open", since: NOW - 12_000, ready: true, because, ...changes };
}

export function session(id: number, changes: Partial<SessionExplanation> = {}): SessionExplanation {
  return {
    session: { id, user: "app", host: "10.0.0.5", db: "orders", command: "Query", time_ms: 1000 * id },
    statement: {
      digest: "v2:9f86d081884c7d65",
      digest_text: "SELECT * FROM `t` WHERE `id` = ?",
      verb: "select",
      tables: ["t"],
      tags: {},
    },
    verdicts: [{
      policy: "impacted",
      selects: true,
      because: [{ expression: "time > 10s", left: "12s", right: "10s" }],
      decision: "kill",
    }],
    ...changes,
  };
}

export function explanation(sessions: readonly SessionExplanation[]): LookExplanation {
  return {
    ...{
      at: new Date(NOW).toISOString(),
      database: "orders",
      flavor: "mysql",
      version: "9.7.4",
      mode: "enforce",
    },
    policies: [{
      ...{ policy: "impacted", mode: "enforce", action: "kill query", state: "open", ready: true },
      because: [{ expression: "lag > limits.lag", left: "42s", right: "30s" }],
    }],
    sessions,
  };
}

export function model(changes: Partial<Model> = {}): Model {
  return { ...FIRST_MODEL, now: NOW, ...changes };
}

/** The kill of a session that a person may confirm. */
export function asked(id: number, changes: Partial<Asked> = {}): Asked {
  return {
    database: "orders",
    action: "kill query",
    other: "kill connection",
    execution: `${id}:1`,
    session: session(id),
    costs: [],
    ...changes,
  };
}

/** The screen as text. */
export function shown(model: Model, columns = 80, rows = 24): readonly string[] {
  return frame(model, { columns, rows }).map((parts: Line) => textOf(parts).trimEnd());
}
