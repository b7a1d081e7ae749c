import type { SelfReport, Session } from "./snapshot.ts";
import type { Hold } from "./decision.ts";
import type { BudgetShortage, Spend } from "./budget.ts";
import type { Gate, PastGate } from "./gate.ts";
import { isReleased, type Outcome, OUTCOMES } from "./outcome.ts";
import { accountKey } from "./shield.ts";
import { type RoundProgress, whileOpen } from "./settle.ts";

/**
 * What the policy engine knows from earlier looks at one database. It is forgotten as a whole when the
 * connection is, since executions are known by what one server process counts.
 */
export interface Memory {
  /** The server that all of this is about; absent before the first look. */
  readonly server?: SelfReport;
  /** Until when, by the clock's `now`, no kill is made: all was forgotten a moment ago. */
  readonly holdUntil: number;
  /** Why no kill is made at this look, by what the watcher sees beside the database. */
  readonly hold?: Hold;
  /** Each with why it came to be so, which is what is told; of a policy that gave up, why it is so now. */
  readonly gates: Readonly<Record<string, PastGate>>;
  /** The kills that were decided and still count for the budget. */
  readonly spent: readonly Spend[];
  /** What held a kill back since it is spent, and has not recovered since. */
  readonly exhausted: BudgetShortage | null;
  /** The last round of each policy with `settle`, while its gate is open. */
  readonly settling: Readonly<Record<string, RoundProgress>>;
  /** Policies whose rounds cured nothing, and that stopped until their gate has closed. */
  readonly gaveUp: readonly string[];
  /** Executions that a policy has decided over: they are not selected again, but to escalate. */
  readonly settled: Readonly<Record<string, SettledExecution>>;
  /** Accounts whose sessions the server refused to kill; see `accountKey`. */
  readonly shielded: readonly string[];
  /** What was already told, as `POLICY REASON EXECUTION`, so that it is told once. */
  readonly told: readonly string[];
}

/** What was decided over an execution. */
export interface SettledExecution {
  readonly policy: string;
  /** The connection's id: it is looked at again, whether or not a policy still selects it. */
  readonly id: number;
  /** When, by the clock's `now`. */
  readonly at: number;
  /** Nothing more is done: it was escalated, denied, had ended by itself, or is rolling back. */
  readonly final: boolean;
  /** Only the statement was to be ended: once its session is idle, other policies may go on. */
  readonly statement?: boolean;
  /** The transaction that it ran in, where the policy may escalate and that was read. */
  readonly transaction?: string;
  /** What was decided over it before, where this is an escalation. */
  readonly before?: SettledExecution;
}

/** A memory of nothing. */
export const NO_MEMORY: Memory = {
  holdUntil: 0,
  gates: {},
  spent: [],
  exhausted: null,
  settling: {},
  gaveUp: [],
  settled: {},
  shielded: [],
  told: [],
};

/**
 * The memory to go on with, given who the server is now. Another server or server process, or one in
 * another role, has nothing to do with what was remembered; then nothing is killed for `grace` milliseconds.
 */
export function recognize(
  memory: Memory,
  server: SelfReport,
  { now, grace }: { readonly now: number; readonly grace: number },
): Memory {
  if (memory.server === undefined || isSameReport(memory.server, server)) return { ...memory, server };
  return { ...forget(memory, { now, grace }), server };
}

/** Whether two reports come from one server process in one role. A second is allowed for rounding. */
function isSameReport(a: SelfReport, b: SelfReport): boolean {
  return a.identity.server === b.identity.server && a.readOnly === b.readOnly &&
    Math.abs(a.identity.started - b.identity.started) <= 1;
}

/** Nothing but what was spent, which is ours and not the server's, and a time in which nothing is killed. */
export function forget(
  { spent, exhausted, hold }: Memory,
  { now, grace }: { readonly now: number; readonly grace: number },
): Memory {
  return { ...NO_MEMORY, spent, exhausted, ...hold && { hold }, holdUntil: now + grace };
}

/** The memory after what became of a decision that was to be acted on. */
export function settle(memory: Memory, { decision, outcome, shielded }: Outcome): Memory {
  const { session, decided: at, policy, action } = decision;
  const { spends, final } = OUTCOMES[outcome];
  const freed = spends === "kept" ? memory : refund(memory, { at, policy, action });
  const released = isReleased(outcome) ? release(freed, session.execution) : freed;
  const finished = final ? finish(released, session.execution) : released;
  return shielded === true ? shield(finished, session) : finished;
}

/** After a decision came to nothing: its unit of the budget is free again. */
function refund(memory: Memory, kill: Spend): Memory {
  const { at, policy, action } = kill;
  const index = memory.spent.findIndex((spend) =>
    spend.at === at && spend.policy === policy && spend.action === action
  );
  return index < 0 ? memory : { ...memory, spent: memory.spent.toSpliced(index, 1) };
}

/** After a decision was not carried out: the execution may be selected again, or escalated. */
function release(memory: Memory, execution: string): Memory {
  const { [execution]: released, ...settled } = memory.settled;
  const { before } = released ?? {};
  return {
    ...memory,
    settled: before === undefined ? settled : { ...settled, [execution]: before },
  };
}

/** Nothing more is done about the execution. */
function finish(memory: Memory, execution: string): Memory {
  const settled = memory.settled[execution];
  if (settled === undefined) return memory;
  return { ...memory, settled: { ...memory.settled, [execution]: { ...settled, final: true } } };
}

/** After the server refused to kill a session for its account: it would refuse the next one as well. */
function shield(memory: Memory, session: Pick<Session, "user" | "host">): Memory {
  const key = accountKey(session);
  return memory.shielded.includes(key) ? memory : { ...memory, shielded: [...memory.shielded, key] };
}

/** Whether all that is remembered beside the server are gates, so that there is nothing to bring up to date. */
export function remembersNothing({ spent, exhausted, settling, settled, told }: Memory): boolean {
  return spent.length === 0 && exhausted === null && told.length === 0 &&
    [settling, settled].every((record) => Object.keys(record).length === 0);
}

/** The gates of a look, and no longer what ended with a gate that closed. */
export function rememberGates(memory: Memory, gates: readonly Gate[]): Memory {
  const settling = whileOpen(memory.settling, gates);
  return {
    ...memory,
    gates: Object.fromEntries(gates.map((gate) => [gate.policy, remembered(gate, memory)])),
    settling,
    gaveUp: memory.gaveUp.filter((policy) => Object.hasOwn(settling, policy)),
  };
}

function remembered(gate: Gate, { gates, gaveUp }: Memory): PastGate {
  const { policy, state, by, since, looks, ready } = gate;
  const before = gates[policy];
  const isSame = before?.state === state && before.by === by && !gaveUp.includes(policy);
  const because = isSame ? before.because : gate.because;
  return { policy, state, by, because, ...since !== undefined && { since }, looks, ready };
}
