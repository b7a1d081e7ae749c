import type { SessionlessTransaction } from "../../target/mod.ts";
import { type Connection, DatabaseError, refusal } from "../../connection/mod.ts";
import { proveFresh } from "./freshness.ts";
import { isUnavailable, type LockCapabilities } from "../probe_locks.ts";
import { greatestOf, isUnknown, type Unknown } from "../../language/mod.ts";
import { certainAge, type Pins, pinsByAge, pinsByLimit, type ViewClue } from "./oldest_view.ts";
import {
  clueOf,
  hasWritten,
  type InnodbTransaction,
  MOST_TRANSACTIONS,
  openClue,
  readInnodbTransactions,
  readTransactionEvents,
  type TransactionEvent,
} from "./open_transaction.ts";
import { parseReadViews, type ReadViews } from "./read_views.ts";
import { namesOfPart, VOCABULARY } from "../vocabulary/vocabulary.ts";

/** A session's values by the names of the policy language. Times in milliseconds. */
export interface TransactionValues {
  readonly transaction_time: number | Unknown;
  readonly rows_modified: number | Unknown;
  readonly rows_locked: number | Unknown;
  readonly pins_purge: boolean | Unknown;
  /** The identity of its transaction; absent if none is open. */
  readonly transaction?: string;
}

/** A session's open transaction. */
export interface Transaction extends TransactionValues {
  /** The connection's id. */
  readonly id: number;
  /**
   * Its identity on the server. It is unique if it comes from the performance schema (`THREAD_ID:EVENT_ID`), or once
   * InnoDB has given it an id (`trx ID`). Otherwise it is the second in which it began (`CONNECTION@SECOND`), which
   * two transactions may share.
   */
  readonly identity: string;
  /** Whether it is a single plain SELECT in autocommit mode. */
  readonly autocommit_select: boolean;
  readonly state: "running" | "lock wait" | "rolling back" | Unknown;
}

/** The open transactions of a database. */
export interface Transactions {
  readonly open: readonly Transaction[];
  readonly sessionless: readonly SessionlessTransaction[];
  /** Age in milliseconds of the oldest one, with or without a session; 0 if none is open. */
  readonly oldest_transaction: number | Unknown;
  /** Whether `open` is complete, so that a session that is not in it has no transaction. */
  readonly complete: boolean;
}

export interface TransactionOptions {
  /** The names to read; all others are unknown. */
  readonly needs: ReadonlySet<string>;
  /**
   * The names for which InnoDB's data must be current; absent: all. If there are none, the data may be outdated:
   * how much a kill would roll back is an estimate anyway, and another program that polls often must not hold up
   * every kill.
   */
  readonly selecting?: ReadonlySet<string>;
}

/**
 * Reads the open transactions, in one to six round trips. With the performance schema, the age of a transaction
 * counts from its BEGIN. Without it, it counts from the first use of an InnoDB table, and may be up to a second too
 * high.
 * @throws {DatabaseError} `statement`, if only InnoDB shows transactions, and its data are outdated.
 */
export async function readTransactions(
  connection: Connection,
  capabilities: LockCapabilities,
  { needs, selecting = TRANSACTION_NAMES }: TransactionOptions,
): Promise<Transactions> {
  const { transactionEvents, innodbTransactions } = capabilities;
  const wanted = !transactionEvents || INNODB_NAMES.some((name) => needs.has(name));
  const refused = wanted && isUnavailable(innodbTransactions) ? innodbTransactions : undefined;
  if (refused !== undefined && !transactionEvents) {
    throw new DatabaseError("denied", `transactions cannot be read without ${refused.missing}`, {
      advice: refused.remedy,
    });
  }
  // In this order, a transaction that begins between the two reads looks younger than its InnoDB transaction.
  const shown = wanted && refused === undefined
    ? await readInnodb(connection, {
      orUnknown: transactionEvents,
      proved: [...TRANSACTION_NAMES].some((name) => selecting.has(name)),
    })
    : undefined;
  const [innodb, stale] = isUnread(shown) ? [undefined, shown] : [shown, undefined];
  const events = transactionEvents ? await readTransactionEvents(connection) : undefined;
  const found = combine(innodb, events);
  const pins = needs.has("pins_purge") && innodb !== undefined
    ? await readPins(connection, capabilities, found)
    : new Map<number, Pins>();
  const untouched = untouchedValues(
    innodb,
    stale ?? (refused && { unknown: `it cannot be read without ${refused.missing}` }),
  );
  const open = found.map((each) => transactionOf(each, pins.get(each.id), untouched));
  const sessionless = (innodb ?? []).filter(({ id }) => id === 0).map(sessionlessOf);
  return {
    open,
    sessionless,
    oldest_transaction: oldestOf([...open, ...sessionless]),
    complete: Math.max(innodb?.length ?? 0, events?.length ?? 0) < MOST_TRANSACTIONS,
  };
}

/**
 * Reads InnoDB's transactions. If it refuses, and the performance schema shows the same transactions, returns the
 * reason.
 */
async function readInnodb(
  connection: Connection,
  { orUnknown, proved }: { readonly orUnknown: boolean; readonly proved: boolean },
): Promise<readonly InnodbTransaction[] | Unknown> {
  try {
    if (proved) await proveFresh(connection);
    return await readInnodbTransactions(connection);
  } catch (error) {
    const { message } = refusal(error);
    if (!orUnknown) throw error;
    return { unknown: message };
  }
}

function isUnread(found: readonly InnodbTransaction[] | Unknown | undefined): found is Unknown {
  return found !== undefined && "unknown" in found;
}

/** The names of values that only InnoDB has. */
const INNODB_NAMES = namesOfPart("transaction").filter((name) =>
  VOCABULARY.row(name)?.needs?.includes("transaction_rows")
);

/** The names of values that come from a session's transaction. */
const TRANSACTION_NAMES: ReadonlySet<string> = new Set(namesOfPart("transaction"));

const ONLY_THE_OLDEST = `only the oldest ${MOST_TRANSACTIONS} transactions were read`;

/** A session's values: those of its transaction, or those for no transaction. */
export function transactionValues(
  { open, complete }: Transactions,
  id: number,
): TransactionValues {
  const found = open.find((transaction) => transaction.id === id);
  if (found !== undefined) {
    const { transaction_time, rows_modified, rows_locked, pins_purge, identity } = found;
    return { transaction_time, rows_modified, rows_locked, pins_purge, transaction: identity };
  }
  if (complete) return { transaction_time: 0, rows_modified: 0, rows_locked: 0, pins_purge: false };
  const unknown: Unknown = { unknown: ONLY_THE_OLDEST };
  return {
    transaction_time: unknown,
    rows_modified: unknown,
    rows_locked: unknown,
    pins_purge: unknown,
  };
}

/** One session's transaction as the two tables show it; it is in at least one. */
interface TransactionRows {
  readonly id: number;
  readonly trx: InnodbTransaction | undefined;
  readonly event: TransactionEvent | undefined;
  /** Whether the tables show two different transactions, because one ended between the reads. */
  readonly changed: boolean;
}

/** InnoDB's clock of whole seconds advances some milliseconds late. */
const CLOCK_SLACK = 100;

function combine(
  innodb: readonly InnodbTransaction[] | undefined,
  events: readonly TransactionEvent[] | undefined,
): readonly TransactionRows[] {
  const byId = new Map((innodb ?? []).filter(({ id }) => id !== 0).map((trx) => [trx.id, trx]));
  // If events are read, they decide which sessions have a transaction: this leaves out appliers, and transactions that
  // have ended.
  if (events === undefined) {
    return [...byId.values()].map((trx) => ({ id: trx.id, trx, event: undefined, changed: false }));
  }
  return events.map((event) => {
    const trx = byId.get(event.id);
    return {
      id: event.id,
      trx,
      event,
      changed: trx !== undefined && trx.age - 1000 > event.age + CLOCK_SLACK,
    };
  });
}

type InnodbValues = Pick<Transaction, "state" | "rows_modified" | "rows_locked" | "pins_purge">;

/** The values of a transaction that has not touched an InnoDB table yet. */
const UNTOUCHED: InnodbValues = { state: "running", rows_modified: 0, rows_locked: 0, pins_purge: false };

/** That InnoDB does not list a transaction means something only if its list was read completely. */
function untouchedValues(
  innodb: readonly InnodbTransaction[] | undefined,
  why: Unknown = { unknown: "it was not read" },
): InnodbValues {
  if (innodb === undefined) return unread(why);
  return innodb.length < MOST_TRANSACTIONS ? UNTOUCHED : unread({ unknown: ONLY_THE_OLDEST });
}

function unread(unknown: Unknown): InnodbValues {
  return { state: unknown, rows_modified: unknown, rows_locked: unknown, pins_purge: unknown };
}

function transactionOf(
  { id, trx, event, changed }: TransactionRows,
  pins: Pins | undefined,
  untouched: InnodbValues,
): Transaction {
  return {
    id,
    identity: event?.identity ?? (hasWritten(trx!) ? `trx ${trx!.trx}` : `${id}@${trx!.started}`),
    autocommit_select: trx?.autocommit_select ?? false,
    transaction_time: event?.age ?? Math.max(0, trx!.age - 1000),
    ...trx === undefined
      ? untouched
      : changed
      ? unread({ unknown: "the transaction changed while it was read" })
      : {
        state: STATES[trx.state] ?? "running",
        rows_modified: trx.rows_modified,
        rows_locked: trx.rows_locked,
        pins_purge: pins ?? { unknown: "it was not read" },
      },
  };
}

const STATES: Readonly<Record<string, "lock wait" | "rolling back">> = {
  "LOCK WAIT": "lock wait",
  "ROLLING BACK": "rolling back",
};

function sessionlessOf({ trx, age, rows_modified, rows_locked }: InnodbTransaction): SessionlessTransaction {
  return { trx, transaction_time: Math.max(0, age - 1000), rows_modified, rows_locked };
}

function oldestOf(
  transactions: readonly { readonly transaction_time: number | Unknown }[],
): number | Unknown {
  return greatestOf([0, ...transactions.map(({ transaction_time: time }) => time)]);
}

/** Finds which session holds the oldest read view. Asks InnoDB's status if the tables leave that open. */
async function readPins(
  connection: Connection,
  { readViews }: LockCapabilities,
  found: readonly TransactionRows[],
): Promise<ReadonlyMap<number, Pins>> {
  if (found.length === 0) return new Map();
  if (readViews === "all") {
    const views = await readViewList(connection);
    const ids = found.map(({ id }) => id);
    return isUnknown(views) ? new Map(ids.map((id) => [id, views])) : pinsByLimit(ids, views.limits);
  }
  const clues = new Map<number, ViewClue>(found.map(({ id, trx, event, changed }) => [
    id,
    trx === undefined || changed ? { kind: "none" } : clueOf(trx, event),
  ]));
  const certain = certainAge(clues.values());
  const open = found.filter(({ id, trx }) => {
    const clue = clues.get(id)!;
    return clue.kind === "perhaps" && clue.oldest > certain && trx !== undefined && hasWritten(trx);
  });
  if (open.length === 0) return pinsByAge(clues);
  const written = await readViewList(connection);
  if (isUnknown(written)) return pinsByAge(clues);
  for (const { id, event } of open) {
    const limit = written.limits.get(id);
    if (limit !== undefined) clues.set(id, limit > 0 ? openClue(clues.get(id)!, event) : { kind: "none" });
  }
  return pinsByAge(clues);
}

/**
 * Reads InnoDB's status. Unlike its tables, that is never cached.
 * @throws {DatabaseError}
 */
export async function readViewList(connection: Connection): Promise<ReadViews | Unknown> {
  const [row] = await connection.query("SHOW ENGINE INNODB STATUS");
  return parseReadViews(String(row?.["Status"] ?? ""));
}
