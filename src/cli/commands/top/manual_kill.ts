import type { Clock } from "../../../clock.ts";
import type { Config, DatabaseConfig } from "../../../config/mod.ts";
import { clauseText } from "../../../events/mod.ts";
import { Journal } from "../../../journal/mod.ts";
import type { Look } from "../../../look/mod.ts";
import {
  BY_HAND,
  costsOf,
  type Decision,
  objectionTo,
  type Outcome,
  OUTCOMES,
  type Session,
} from "../../../policy/mod.ts";
import { TargetError } from "../../../target/mod.ts";
import { pausedText } from "../../holds.ts";
import type { Pauses } from "../../../watch/mod.ts";
import type { DatabaseWatch } from "./database_watch.ts";
import type { Asked, Note } from "./model.ts";

export interface ManualKillOptions {
  readonly config: Pick<Config, "journal">;
  readonly pauses: Pauses;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Who decides: it is written to the journal. */
  readonly who: string;
}

/**
 * Kills that a person decides. They are made like those of policies: the server checks that it is the same execution,
 * the intent is in the journal before, the outcome after it. Where a policy may not kill whatever it says, a person may
 * not either. They need no lease and count for no budget of a running program.
 */
export class ManualKills implements Disposable {
  readonly #options: ManualKillOptions;
  #journal: Journal | undefined;
  #failure: string | undefined;

  constructor(options: ManualKillOptions) {
    this.#options = options;
  }

  /** What to ask about a session of a look, or why it is not killed. */
  async ask(watch: DatabaseWatch, look: Look, id: number): Promise<Asked | Note> {
    const session = look.snapshot?.sessions.find((session) => session.id === id);
    const explained = watch.latest?.explanation.sessions.find(({ session }) => session.id === id);
    if (session === undefined || explained === undefined) return refused(id, "it has ended");
    const problem = await this.#problem(watch.database, look, session);
    if (problem !== undefined) return refused(id, problem);
    const { database } = watch;
    return {
      database: database.name,
      action: session.running ? "kill query" : "kill connection",
      ...session.running && { other: "kill connection" },
      session: explained,
      execution: session.execution,
      costs: costsOf(session, database.rules),
    };
  }

  /** Kills what was confirmed, if it is still the same, and nothing forbids it by now. Never fails. */
  async kill(watch: DatabaseWatch, asked: Asked): Promise<Note> {
    const { id } = asked.session.session;
    try {
      const { look } = await watch.look();
      const session = look.snapshot?.sessions.find((session) => session.id === id);
      if (session === undefined) return spared(asked, OUTCOMES.gone.meaning);
      if (session.execution !== asked.execution) return spared(asked, OUTCOMES.changed.meaning);
      const problem = await this.#problem(watch.database, look, session);
      if (problem !== undefined) return refused(id, problem);
      const outcome = await this.#carryOut(watch, this.#decision(asked, look, session));
      return outcome === undefined ? spared(asked, "the program ends") : noteOf(asked, outcome);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      return refused(id, error.withAdvice);
    }
  }

  [Symbol.dispose](): void {
    this.#journal?.close();
  }

  /** Why nothing is killed there, or why this session is not. */
  async #problem(
    { name, rules }: Pick<DatabaseConfig, "name" | "rules">,
    look: Look,
    session: Session,
  ): Promise<string | undefined> {
    const { config: { journal }, pauses } = this.#options;
    if (rules.mode !== "enforce") {
      return "this database is in dry run: only mode: enforce in the configuration arms it";
    }
    const paused = await pausedText(pauses, name);
    if (paused !== undefined) return paused;
    if (journal === undefined) {
      return "what a person kills is written down, and the configuration has no journal";
    }
    if (!this.#journalAt(journal).isUsable()) return `the journal cannot be written: ${this.#failure}`;
    const objection = look.snapshot && objectionTo(session, look.snapshot, rules);
    return objection && [objection.text, ...objection.because.map(clauseText)].join("; ");
  }

  #journalAt(file: string): Journal {
    return this.#journal ??= new Journal(file, (failure) => this.#failure = failure);
  }

  #decision({ action }: Asked, { snapshot }: Look, session: Session): Decision {
    return {
      verdict: "act",
      policy: BY_HAND,
      mode: "enforce",
      action,
      session,
      server: snapshot!.server,
      at: snapshot!.at,
      decided: this.#options.clock.now(),
      because: [{ expression: "by hand", left: this.#options.who }],
    };
  }

  async #carryOut({ connected, database }: DatabaseWatch, decision: Decision): Promise<Outcome | undefined> {
    const executor = connected?.executor;
    if (executor === undefined) throw new TargetError("there is no connection for kills");
    let outcome: Outcome | undefined;
    await executor.carryOut([decision], {
      journal: this.#journal,
      signal: this.#options.signal,
      paused: () => this.#options.pauses.reasonNow(database.name),
      verify: () => database.rules.verify,
      report: (found) => outcome = found,
    });
    return outcome;
  }
}

function refused(id: number, problem: string): Note {
  return { text: `Session ${id} is not killed: ${problem}`, tone: "bad" };
}

function spared({ action, session: { session } }: Asked, why: string): Note {
  return { text: `${action} of session ${session.id} was not tried: ${why}`, tone: "plain" };
}

function noteOf({ action, session: { session } }: Asked, { outcome, took_ms, note }: Outcome): Note {
  const { meaning, counts_as } = OUTCOMES[outcome];
  const time = took_ms > 0 ? ` in ${took_ms} ms` : "";
  return {
    text: `${action} of session ${session.id}: ${outcome}${time}: ${note ?? meaning}`,
    tone: counts_as === "kill" ? "good" : counts_as === "error" ? "bad" : "plain",
  };
}
