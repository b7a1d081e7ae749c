import type { DatabaseSync } from "node:sqlite";
import { type Decision, type Outcome, outcomesThat, type Spend } from "../policy/mod.ts";
import { redactStatement, selectionReport } from "../events/mod.ts";
import { addDecision, concludeDecision } from "./decisions.ts";
import type { Entry } from "./entry.ts";
import { failureOf, isBusy, JournalError } from "./error.ts";
import { openJournal } from "./open.ts";
import { Place } from "./place.ts";
import type { PoliciesInForce } from "./policies.ts";
import { rowsOf, transaction } from "./sql.ts";

/** An intent without an outcome, from a program that ended in between. */
export interface Abandoned {
  readonly database: string;
  readonly policy: string;
  readonly action: string;
  readonly session: number;
  readonly digest: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What the journal tells when it breaks, and when it works again. */
export type JournalListener = (failure: string | undefined) => void;

/** What did not cost the budget. An intent that became `stale` does: the server had been asked. */
const REFUNDED = outcomesThat("refunded").map((outcome) => `'${outcome}'`).join(", ");

/** What was not done costs nothing either, and has no intent. */
const SPENT = "SELECT d.at, p.name AS policy, a.text AS action FROM decision d " +
  "JOIN database b ON b.id = d.database JOIN policy p ON p.id = d.policy JOIN word a ON a.id = d.action " +
  "LEFT JOIN word o ON o.id = d.outcome " +
  `WHERE b.name = ? AND d.at > ? AND d.intended = 1 AND ifnull(o.text, '') NOT IN (${REFUNDED}) ORDER BY d.at`;

const UNFINISHED =
  "SELECT d.id, b.name AS database, p.name AS policy, a.text AS action, d.session, g.digest, d.at " +
  "FROM decision d JOIN database b ON b.id = d.database JOIN policy p ON p.id = d.policy " +
  "JOIN word a ON a.id = d.action LEFT JOIN digest g ON g.id = d.digest " +
  "WHERE d.outcome IS NULL AND d.at < ? ORDER BY d.at";

/** An intent waits so long for another program that is writing, in milliseconds. */
const BUSY_TIMEOUT = 200;

/** After so many pages a kill's commit tidies the log away; what is written beside kills does it much sooner. */
const CHECKPOINT = 4000;

/** The id of an intent also tells in which file it is: that of a file before must not be taken for one of this one. */
const MOST_ROWS = 2 ** 44;
const MOST_FILES = 2 ** 9;

/**
 * The durable record of kills: an intent is on disk before the kill, its outcome after it. SQLite in WAL
 * mode, and every commit is synced. Several programs of a host may share one file.
 */
export class Journal {
  readonly file: string;
  readonly #tell: JournalListener;
  #database: DatabaseSync | undefined;
  #place: Place | undefined;
  /** How many files it has had before this one under its name. */
  #files = 0;
  #failure: string | undefined;
  #policies: PoliciesInForce = new Map();

  /** Nothing is opened yet: a journal that cannot be is a failure to tell, not a reason not to watch. */
  constructor(file: string, tell: JournalListener) {
    this.file = file;
    this.#tell = tell;
  }

  /** The policies that decide from now on, so that a kill is known to be one of theirs. */
  adopt(policies: PoliciesInForce): void {
    this.#policies = policies;
  }

  /** Whether an intent could be written now. Tries where the last one could not. */
  isUsable(): boolean {
    try {
      if (this.#database !== undefined && this.#failure === undefined) return this.#run(() => true);
      // What has to be written later is written now: only that shows a full disk or a read-only file. It is
      // more than an intent needs, so that a disk that is nearly full does not fail at every other one.
      this.#run((database) => database.exec("INSERT INTO probe VALUES (zeroblob(32768)); DELETE FROM probe"));
      return true;
    } catch (error) {
      if (error instanceof JournalError) return false;
      throw error;
    }
  }

  /**
   * Writes down what is going to be done. Returns the id that its outcome is written under.
   * @param at Milliseconds since 1970.
   * @throws {JournalError} Then it must not be done.
   */
  intend(database: string, decision: Decision, at: number): number {
    const entry = this.#intentOf(database, decision, at);
    const id = this.#run((journal) => transaction(journal, () => addDecision(journal, entry)));
    return id + this.#files * MOST_ROWS;
  }

  #intentOf(database: string, decision: Decision, at: number): Entry {
    const { policy, mode, action, because, session, statement } = selectionReport(database, decision);
    return {
      ...{ at, database, policy, mode, action, because, session },
      escalation: decision.escalation === true,
      hash: this.#policies.get(database)?.get(policy)?.hash ?? "",
      server: `${decision.server.server} ${decision.server.started}`,
      statement: statement && redactStatement(statement),
      execution: decision.session.execution,
      ...{ outcome: null, reason: null, took_ms: null, note: null },
      intended: true,
    };
  }

  /**
   * Writes down what became of an intent.
   * @throws {JournalError} The kill is done all the same; the next start will find it `unconfirmed`.
   */
  conclude(id: number, { outcome, took_ms, note }: Omit<Outcome, "decision">): void {
    const conclusion = { outcome, took_ms, note: note ?? null };
    const isDone = this.#run((journal) => {
      if (Math.floor(id / MOST_ROWS) !== this.#files) return false;
      transaction(journal, () => concludeDecision(journal, id % MOST_ROWS, conclusion));
      return true;
    });
    if (!isDone) throw new JournalError("the file that had its intent is gone");
  }

  /** The kills of a database that count for its budget. `since` and `at`: milliseconds since 1970. */
  spent(database: string, since: number): readonly Spend[] {
    return this.#run((journal) => rowsOf<Spend>(journal, SPENT, database, Math.round(since)));
  }

  /** Finishes intents from before that nobody can be working on any more: their outcome is `unconfirmed`. */
  abandoned(before: number): readonly Abandoned[] {
    const conclusion = {
      outcome: "unconfirmed",
      took_ms: null,
      note: "the program ended before the outcome was known",
    };
    return this.#run((journal) =>
      transaction(journal, () => {
        const found = rowsOf<Abandoned & { readonly id: number }>(journal, UNFINISHED, Math.round(before));
        for (const { id } of found) concludeDecision(journal, id, conclusion);
        return found.map(({ id: _, ...intent }) => intent);
      })
    );
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  #run<T>(use: (database: DatabaseSync) => T): T {
    try {
      const result = use(this.#opened());
      this.#changed(undefined);
      return result;
    } catch (error) {
      const failure = failureOf(error);
      // One that is only busy keeps its files: the program may be allowed to open no more.
      if (!isBusy(error)) this.close();
      this.#changed(failure);
      throw new JournalError(failure, { cause: error });
    }
  }

  #opened(): DatabaseSync {
    if (this.#database !== undefined) {
      this.#checkPlace();
      return this.#database;
    }
    const options = { busy: BUSY_TIMEOUT, synchronous: "FULL", checkpoint: CHECKPOINT } as const;
    const database = openJournal(this.file, options);
    const place = new Place(this.file, database);
    if (this.#place !== undefined && this.#place.id !== place.id) {
      this.#files = (this.#files + 1) % MOST_FILES;
    }
    [this.#database, this.#place] = [database, place];
    return database;
  }

  #checkPlace(): void {
    try {
      this.#place?.check();
    } catch (error) {
      this.#isAnotherFile();
      throw error;
    }
  }

  #isAnotherFile(): void {
    this.#place = undefined;
    this.#files = (this.#files + 1) % MOST_FILES;
  }

  #changed(failure: string | undefined): void {
    if (failure === this.#failure) return;
    this.#failure = failure;
    this.#tell(failure);
  }
}
