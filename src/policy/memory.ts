import type { SelfReport, Session } from "./snapshot.ts";
import type { Hold } from "./decision.ts";
import type { BudgetShortage, Spend } from "./budget.ts";
import type { Gate, PastGate } from "./gate.ts";
import { isReleased, type Outcome, OUTCOMES } from "./outcome.ts";
import { accountKey } from "./shield.ts";
import type { GatedPolicy } from "./policy.ts";
import { afterGates, type RoundProgress } from "./settle.ts";

/**
 * What the policy engine knows from earlier looks at one database. All of it is forgotten with the connection, since
 * executions are identified by counters of one server process.
 */
export interface Memory {
  /** The server that all of this is about; absent before the first look. */
  readonly server?: SelfReport;
  /** No kill is made until then, by the clock's `now`, because the memory has just been reset. */
  readonly holdUntil: number;
  /** Why no kill is made at this look, by what the watcher found outside the database. */
  readonly hold?: Hold;
  /**
   * The gate of each policy, with the clauses that opened or closed it, which is what events show. For a policy that
   * gave up, the clauses of the last look.
   */
  readonly gates: Readonly<Record<string, PastGate>>;
  /** The decided kills that still count toward the budget. */
  readonly spent: readonly Spend[];
  /** The parts of the budget that have held a kill back and have not recovered since. */
  readonly exhausted: BudgetShortage | null;
  /** The last round of each policy with `settle`, while its gate is open. */
  readonly settling: Readonly<Record<string, RoundProgress>>;
  /** Policies whose rounds did not help. They have stopped until their gate closes. */
  readonly gaveUp: readonly string[];
  /** Executions that a policy has decided about. They are selected again only to escalate. */
  readonly settled: Readonly<Record<string, SettledExecution>>;
  /** Accounts whose sessions the server refused to kill; see `accountKey`. */
  readonly shielded: readonly string[];
  /** What was already reported, as `POLICY REASON EXECUTION`, so that it is reported once. */
  readonly told: readonly string[];
}

/** What is remembered of gates, and of the rounds behind them. */
export type GateMemory = Pick<Memory, "gates" | "settling" | "gaveUp">;

/** What was decided about an execution. */
export interface SettledExecution {
  readonly policy: string;
  /** The connection's id: it is read again, whether or not a policy still selects it. */
  readonly id: number;
  /** When, by the clock's `now`. */
  readonly at: number;
  /** Nothing more is done about it: it was escalated or denied, ended by itself, or is rolling back. */
  readonly final: boolean;
  /** Only the statement was killed: once its session is idle, other policies may act on it. */
  readonly statement?: boolean;
  /** The transaction it ran in, if the policy may escalate and the transaction was read. */
  readonly transaction?: string;
  /** The earlier decision about it, if this is an escalation. */
  readonly before?: SettledExecution;
}

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
 * The memory to go on with, given the server's current identity. If the server, its process or its role has changed,
 * the memory is reset, and nothing is killed for `grace` milliseconds.
 */
export function recognize(
  memory: Memory,
  server: SelfReport,
  { now, grace }: { readonly now: number; readonly grace: number },
): Memory {
  if (memory.server === undefined || isSameReport(memory.server, server)) return { ...memory, server };
  return { ...forget(memory, { now, grace }), server };
}

/** Whether two reports come from the same server process in the same role. One second is allowed for rounding. */
function isSameReport(a: SelfReport, b: SelfReport): boolean {
  return a.identity.server === b.identity.server && a.readOnly === b.readOnly &&
    Math.abs(a.identity.started - b.identity.started) <= 1;
}

/** Keeps only the spent budget, which belongs to this program and not to the server, and begins a grace period. */
export function forget(
  { spent, exhausted, hold }: Memory,
  { now, grace }: { readonly now: number; readonly grace: number },
): Memory {
  return { ...NO_MEMORY, spent, exhausted, ...hold && { hold }, holdUntil: now + grace };
}

/** The memory after the outcome of a decision that was acted on. */
export function settle(memory: Memory, { decision, outcome, shielded }: Outcome): Memory {
  const { session, decided: at, policy, action } = decision;
  const { spends, final } = OUTCOMES[outcome];
  const freed = spends === "kept" ? memory : refund(memory, { at, policy, action });
  const released = isReleased(outcome) ? release(freed, session.execution) : freed;
  const finished = final ? finish(released, session.execution) : released;
  return shielded === true ? shield(finished, session) : finished;
}

/** Refunds a decision that came to nothing: its unit of the budget is free again. */
function refund(memory: Memory, kill: Spend): Memory {
  const { at, policy, action } = kill;
  const index = memory.spent.findIndex((spend) =>
    spend.at === at && spend.policy === policy && spend.action === action
  );
  return index < 0 ? memory : { ...memory, spent: memory.spent.toSpliced(index, 1) };
}

/** Undoes a decision that was not carried out: the execution may be selected again, or escalated. */
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

/** Remembers that the server refused a kill because of the victim's account: it would refuse the next one as well. */
function shield(memory: Memory, session: Pick<Session, "user" | "host">): Memory {
  const key = accountKey(session);
  return memory.shielded.includes(key) ? memory : { ...memory, shielded: [...memory.shielded, key] };
}

/** Whether only the server and gates are remembered, so that there is nothing to update. */
export function remembersNothing({ spent, exhausted, settling, settled, told }: Memory): boolean {
  return spent.length === 0 && exhausted === null && told.length === 0 &&
    [settling, settled].every((record) => Object.keys(record).length === 0);
}

/**
 * Remembers the gates of a look, and forgets what ended with each gate that closed.
 * @param now Of the clock's `now`, in milliseconds.
 */
export function rememberGates<M extends GateMemory>(
  memory: M,
  gates: readonly Gate[],
  { policies }: { readonly policies: readonly Pick<GatedPolicy, "name" | "settle">[] },
  now: number,
): M {
  const closed = new Set(gates.filter(({ state }) => state === "closed").map(({ policy }) => policy));
  return {
    ...memory,
    gates: Object.fromEntries(gates.map((gate) => [gate.policy, remembered(gate, memory)])),
    settling: afterGates(memory.settling, { closed, policies, now }),
    gaveUp: memory.gaveUp.filter((policy) => !closed.has(policy)),
  };
}

function remembered(gate: Gate, { gates, gaveUp }: GateMemory): PastGate {
  const { policy, state, by, since, looks, ready } = gate;
  const before = gates[policy];
  const isSame = before?.state === state && before.by === by && !gaveUp.includes(policy);
  const because = isSame ? before.because : gate.because;
  return { policy, state, by, because, ...since !== undefined && { since }, looks, ready };
}
