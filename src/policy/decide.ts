import { actionOf, type ActionRow, escalated } from "./action.ts";
import { modeOf, type Policy, type Rules } from "./policy.ts";
import { type Clause, explain, pressures, type Subject } from "../language/mod.ts";
import type { Session, Snapshot } from "./snapshot.ts";
import { claims } from "./claims.ts";
import type { Decision, Hold, Verdict } from "./decision.ts";
import type { Gate } from "./gate.ts";
import { type Memory, rememberGates, remembersNothing, type SettledExecution } from "./memory.ts";
import { isSparedForGood, type SilentVerdict, toldKey } from "./silent_verdict.ts";
import { type BudgetShortage, exhaustedBy, type KillRequest, type Spend, undecided } from "./budget.ts";
import { clear, type KillableSession } from "./clearance.ts";
import { HOLDS, keptKills, type Prior, priorOf, type Step } from "./escalation.ts";
import { mayPin } from "./may_pin.ts";
import { isNeverSelected } from "./never.ts";
import { accountKey, isShielded, REFUSED, wouldKill } from "./shield.ts";
import { REASONS, type SkipReason } from "./reason.ts";
import { Rounds } from "./settle.ts";

/** The decisions of one look, and what to remember for the next. */
export interface Decisions {
  readonly decisions: readonly Decision[];
  readonly memory: Memory;
}

/**
 * Asks each policy whose gate is ready, in order, which sessions it would act on. Pure: the same arguments give the
 * same decisions.
 * @param now Of the clock's `now`, in milliseconds.
 */
export function decide(
  snapshot: Snapshot,
  gates: readonly Gate[],
  rules: Rules,
  memory: Memory,
  now: number,
): Decisions {
  if (snapshot.sessions.length === 0 && remembersNothing(memory)) {
    return { decisions: [], memory: rememberGates(memory, gates, rules, now) };
  }
  const round = new Round(snapshot, rules, memory, now);
  for (const [index, policy] of rules.policies.entries()) {
    const gate = gates[index]!;
    if (gate.ready) round.ask(policy, gate);
  }
  return { decisions: round.decisions, memory: round.remember(gates) };
}

class Round {
  readonly decisions: Decision[] = [];
  readonly #snapshot: Snapshot;
  readonly #rules: Rules;
  readonly #memory: Memory;
  readonly #now: number;
  readonly #sessions: readonly Session[];
  readonly #database: Required<Omit<Subject, "session" | "members">>;
  /** Sessions that an earlier policy has claimed at this look. */
  readonly #claimed = new Set<string>();
  readonly #settled: Map<string, SettledExecution>;
  readonly #told: Set<string>;
  readonly #spent: Spend[];
  readonly #rounds: Rounds;
  #exhausted: BudgetShortage | null;

  constructor(snapshot: Snapshot, rules: Rules, memory: Memory, now: number) {
    this.#snapshot = snapshot;
    this.#rules = rules;
    this.#memory = memory;
    this.#now = now;
    const { sessions, own } = snapshot;
    const { settled } = memory;
    const known = { own, settled };
    this.#sessions = sessions.filter((session) => !isNeverSelected(session, rules.domain, known));
    const { health, methods = {} } = snapshot;
    this.#database = { limits: rules.limits, database: health, methods };
    this.#settled = new Map(Object.entries(settled));
    this.#told = new Set(memory.told);
    this.#spent = memory.spent.filter(({ at }) => now - at < rules.budget.per);
    this.#rounds = new Rounds(memory, now);
    this.#exhausted = this.#stillExhausted(memory.exhausted);
  }

  ask(policy: Policy, gate: Gate): void {
    const ask: Question = { policy, gate };
    const { actions } = this.#rules.domain;
    const selected = this.#sessions.filter((session) => this.#isSelected(policy, session));
    // A session that may hold the oldest read view is reported, so that a person can find out.
    for (const session of this.#sessions) {
      if (mayPin(policy, session, { subject: this.#subject(session), actions })) {
        this.#skip(ask, session, "unknown");
      }
    }
    if (this.#actionOf(policy).acts_on === null) {
      for (const session of this.#victims(ask, selected)) this.#tell(ask, session, { verdict: "match" });
      return;
    }
    const { when, settle } = policy;
    const measured = when === undefined || settle === undefined ? {} : pressures(when, this.#database);
    if (settle !== undefined) this.#rounds.observe(policy.name, measured);
    const free = selected.flatMap((session) => this.#clear(ask, session) ?? []);
    const victims = this.#victims(ask, free.filter((session) => !this.#waits(ask, session)));
    const acted = victims.filter((session) => this.#act(ask, session));
    const isRound = acted.some(({ execution }) => this.#settled.get(execution)?.final === false);
    if (settle !== undefined && isRound) this.#rounds.begin(policy.name, measured);
  }

  #actionOf({ then }: Policy): ActionRow {
    return actionOf(this.#rules.domain.actions, then);
  }

  /** What a policy does as its second step. */
  #nextOf({ then }: Policy): string {
    return escalated(this.#rules.domain.actions, then);
  }

  #claims(policy: Policy): boolean {
    return claims(policy, this.#rules.domain);
  }

  /** Forgets executions that have ended. */
  remember(gates: readonly Gate[]): Memory {
    const { sessions } = this.#snapshot;
    const alive = new Set(sessions.map((session) => session.execution));
    const executionOf = (told: string) => told.slice(told.lastIndexOf(" ") + 1);
    const memory = {
      ...this.#memory,
      spent: this.#spent,
      exhausted: this.#exhausted,
      settling: this.#rounds.settling,
      gaveUp: this.#rounds.gaveUp,
      settled: keptKills(this.#settled, { sessions, now: this.#now }),
      // A torn reading may hide the execution: it may still be there.
      told: [...this.#told].filter((told) => alive.has("") || alive.has(executionOf(told))),
    };
    return rememberGates(memory, gates, this.#rules, this.#now);
  }

  /** Whether a policy is waiting for the effect of its last round. An escalation belongs to that round. */
  #waits(ask: Question, session: Session): boolean {
    const { policy } = ask;
    if (!this.#claims(policy) || this.#stepOf(policy, session) !== undefined) return false;
    const reason = this.#rounds.reason(policy, this.#rules.mode !== "enforce");
    if (reason === undefined) return false;
    this.#skip(ask, session, reason);
    return true;
  }

  #isSelected(policy: Policy, session: Session): boolean {
    if (this.#claims(policy) && this.#claimed.has(session.execution)) return false;
    const prior = this.#claims(policy) ? this.#priorOf(policy, session) : undefined;
    if (prior === "wait") return false;
    const endsStatement = this.#actionOf(policy).acts_on === "statement";
    if (prior === undefined && endsStatement && !session.running) return false;
    return policy.where.evaluate(this.#subject(session)) === true;
  }

  #priorOf(policy: Policy, session: Session): Prior | undefined {
    if (this.#settled.size === 0) return undefined;
    const armed = this.#rules.mode === "enforce";
    const kills = { settled: this.#settled, now: this.#now, armed, subject: this.#subject(session) };
    return priorOf(policy, session, kills);
  }

  /** The step of an escalation; undefined for a first kill. */
  #stepOf(policy: Policy, session: Session): Step | undefined {
    const prior = this.#priorOf(policy, session);
    return prior === "wait" ? undefined : prior;
  }

  /** The session, if the policy may act on it; otherwise the reason is reported. */
  #clear(ask: Question, session: Session): KillableSession | undefined {
    if (isSparedForGood(ask.policy, session, this.#told)) return undefined;
    const found = clear(ask.policy, session, { rules: this.#rules, subject: this.#subject(session) });
    if ("cleared" in found) return found.cleared;
    const { reason, because } = found.spared;
    this.#skip(ask, session, reason, because);
    return undefined;
  }

  #victims<S extends Session>(ask: Question, sessions: readonly S[]): readonly S[] {
    const { order, limit = sessions.length } = ask.policy.victims;
    const ordered = sessions.toSorted(this.#rules.domain.orders[order].compare);
    if (this.#actionOf(ask.policy).acts_on !== null) {
      for (const session of ordered.slice(limit)) this.#skip(ask, session, "victims-limit");
    }
    return ordered.slice(0, limit);
  }

  /** Returns whether to make the kill, or to rehearse it. This is the only place that decides so. */
  #act(ask: Question, session: KillableSession): boolean {
    const { policy } = ask;
    const obstacle = this.#obstacle(ask, session);
    if (obstacle !== undefined) {
      this.#tell(ask, session, obstacle);
      return false;
    }
    this.#claimed.add(session.execution);
    const step = this.#stepOf(policy, session);
    const escalation = step !== undefined;
    const before = this.#settled.get(session.execution);
    const armed = this.#rules.mode === "enforce";
    const action = escalation ? this.#nextOf(policy) : policy.then;
    // A kill that the server would deny costs no budget.
    const costs = armed || !isShielded(this.#snapshot, session);
    if (costs) this.#spent.push({ at: this.#now, policy: policy.name, action });
    this.#settled.set(session.execution, {
      policy: policy.name,
      id: session.id,
      at: this.#now,
      final: escalation,
      ...actionOf(this.#rules.domain.actions, action).acts_on === "statement" && { statement: true },
      ...policy.escalate !== undefined && session.transaction && { transaction: session.transaction },
      ...before && { before },
    });
    const act: Verdict = { verdict: "act", ...step === "holds" && { note: HOLDS } };
    this.#decide(ask, session, armed ? act : wouldKill(this.#snapshot, session), { escalation });
    return true;
  }

  /** What prevents acting on a victim. */
  #obstacle({ policy }: Question, session: Session): SilentVerdict | undefined {
    if (!this.#claims(policy)) return wouldKill(this.#snapshot, session);
    const hold = this.#now < this.#memory.holdUntil ? GRACE : this.#memory.hold;
    if (hold !== undefined) return { verdict: "skip", ...hold };
    if (this.#memory.shielded.includes(accountKey(session))) {
      return { verdict: "skip", reason: "denied", note: REFUSED };
    }
    const action = this.#stepOf(policy, session) === undefined ? policy.then : this.#nextOf(policy);
    const exhausted = this.#exhaustedBy({ policy, action });
    if (exhausted === undefined) return undefined;
    this.#exhausted ??= exhausted;
    return { verdict: "skip", reason: "budget" };
  }

  #exhaustedBy(request: KillRequest): BudgetShortage | undefined {
    return exhaustedBy(request, this.#spent, {
      budget: this.#rules.budget,
      actions: this.#rules.domain.actions,
      there: undecided(this.#snapshot, this.#settled),
    });
  }

  /** Whether a part of the budget that was spent at an earlier look still is. */
  #stillExhausted(exhausted: BudgetShortage | null): BudgetShortage | null {
    if (exhausted === null) return null;
    const policy = this.#rules.policies.find(({ name }) => name === exhausted.policy);
    return policy === undefined ? null : this.#exhaustedBy({ policy, action: exhausted.action }) ?? null;
  }

  #skip(ask: Question, session: Session, reason: SkipReason, because: readonly Clause[] = []): void {
    this.#tell(ask, session, { verdict: "skip", reason }, because);
  }

  /** A decision that does nothing is reported once for each execution and policy. Its reason may claim the session. */
  #tell(ask: Question, session: Session, verdict: SilentVerdict, because: readonly Clause[] = []): void {
    const reason = verdict.verdict === "skip" ? verdict.reason : undefined;
    if (reason !== undefined && REASONS[reason].claims && this.#claims(ask.policy)) {
      this.#claimed.add(session.execution);
    }
    const key = toldKey(ask.policy, reason ?? verdict.verdict, session);
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#decide(ask, session, verdict, { because });
  }

  /** `because`: the clauses against acting, added to those for it. */
  #decide(
    { policy, gate }: Question,
    session: Session,
    verdict: Verdict,
    { because = [], escalation = false }: {
      readonly because?: readonly Clause[];
      readonly escalation?: boolean;
    },
  ): void {
    const where = explain(policy.where, this.#subject(session));
    this.decisions.push({
      ...verdict,
      policy: policy.name,
      mode: modeOf(this.#rules, policy),
      action: escalation ? this.#nextOf(policy) : policy.then,
      ...escalation && { escalation },
      session,
      server: this.#snapshot.server,
      at: this.#snapshot.at,
      decided: this.#now,
      because: [...gate.because, ...where.because, ...because],
    });
  }

  /** Written out, since it is made for every session and policy, and a spread takes several times as long. */
  #subject(session: Session): Subject {
    const { limits, database, methods } = this.#database;
    return { limits, database, methods, session };
  }
}

const GRACE: Hold = { reason: "grace" };

type Question = { readonly policy: Policy; readonly gate: Gate };
