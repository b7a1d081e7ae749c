import type { Clock } from "../../clock.ts";
import { type Answer, type Connection, DatabaseError, TooLargeError } from "../../connection/mod.ts";
import { fitsEpoch, type SlotMap } from "../slots/slot_map.ts";
import { NOT_OWNED, NOT_OWNED_MESSAGE, READ_EPOCH } from "../slots/tables.ts";
import { RouterProblem } from "./problem.ts";

/** How statements of one request are run. */
export interface Bounds {
  readonly clock: Clock;
  /** When to give up, in milliseconds of the clock. */
  readonly until: number;
  readonly signal?: AbortSignal | undefined;
  readonly rows: number;
  readonly bytes: number;
}

/** The map is not what the shard says: it is read again, then the statement is tried again. */
export class StaleMapError extends Error {
  override readonly name = "StaleMapError";
}

const UTF8 = new TextDecoder();

/** Errors by which servers end a statement that took too long. */
const TOO_LONG: ReadonlySet<number> = new Set([1969, 3024]);

/** Runs statements that change nothing, in one round trip. Throws {@linkcode RouterProblem}. */
export async function ask(
  connection: Connection,
  sql: string,
  { shard, clock, until, rows, bytes }: Bounds & { readonly shard: string },
): Promise<readonly Answer[]> {
  const timeout = until - clock.now();
  if (timeout <= 0) throw late(shard);
  try {
    return await connection.answers(sql, { timeout, rows, bytes });
  } catch (error) {
    throw problemOf(error, { shard, isLate: clock.now() >= until });
  }
}

/**
 * Reads on a shard, and sees behind it that the shard owned what the map says.
 * @param options.map What the shard has to have.
 * @throws {StaleMapError}
 */
export async function read(
  connection: Connection,
  sql: string,
  options: Bounds & { readonly shard: string; readonly map: SlotMap },
): Promise<Answer> {
  const [answer, epoch] = await ask(connection, `${sql}; ${READ_EPOCH}`, options);
  const found = epoch?.rows[0]?.[0];
  const isSeen = found !== null && found !== undefined &&
    fitsEpoch(options.map, options.shard, UTF8.decode(found));
  if (!isSeen) throw new StaleMapError();
  return answer!;
}

/**
 * Runs statements in one transaction that holds the slots: the shard owns them until the end. One statement is sent with
 * its COMMIT; of several the answers are seen first.
 * @param options.accept Makes of the answers what is returned; where it throws, several statements are undone.
 * @throws {StaleMapError} Nothing was written.
 */
export async function transact<T>(
  connection: Connection,
  statements: readonly string[],
  options: Bounds & {
    readonly shard: string;
    readonly slots: readonly number[];
    readonly accept: (answers: readonly Answer[]) => T;
  },
): Promise<T> {
  const guards = options.slots.toSorted((one, other) => one - other).map((slot) => `CALL qs_guard(${slot})`);
  const single = statements.length === 1;
  const packet = ["START TRANSACTION", ...guards, ...statements, ...single ? ["COMMIT"] : []].join("; ");
  const answers = await send(connection, packet, { ...options, commits: single });
  const own = answers.slice(1 + guards.length, 1 + guards.length + statements.length);
  if (single) return options.accept(own);
  try {
    const accepted = options.accept(own);
    await send(connection, "COMMIT", { ...options, commits: true });
    return accepted;
  } catch (error) {
    if (connection.lost === undefined) await rollBack(connection, options);
    throw error;
  }
}

/** @param options.commits Whether what was sent may be done although no answer came. */
async function send(
  connection: Connection,
  sql: string,
  { shard, clock, until, rows, bytes, commits }: Bounds & {
    readonly shard: string;
    readonly commits: boolean;
  },
): Promise<readonly Answer[]> {
  const timeout = until - clock.now();
  if (timeout <= 0) {
    connection.drop();
    throw late(shard);
  }
  try {
    return await connection.answers(sql, { timeout, rows, bytes });
  } catch (error) {
    if (connection.lost === undefined) await rollBack(connection, { rows, bytes });
    const isSure = error instanceof DatabaseError && error.kind !== "lost";
    if (commits && !isSure) {
      throw new RouterProblem(
        "unknown_outcome",
        `whether ${shard} has done it is not known: the connection ended before the answer`,
        "look whether it is there before you send it again",
      );
    }
    if (
      error instanceof DatabaseError && error.errno === NOT_OWNED && error.message.includes(NOT_OWNED_MESSAGE)
    ) {
      throw new StaleMapError();
    }
    throw problemOf(error, { shard, isLate: clock.now() >= until });
  }
}

async function rollBack(connection: Connection, limits: Pick<Bounds, "rows" | "bytes">): Promise<void> {
  try {
    await connection.answers("ROLLBACK", { timeout: 2000, ...limits });
  } catch {
    connection.drop(); // with its transaction
  }
}

function problemOf(
  error: unknown,
  { shard, isLate }: { readonly shard: string; readonly isLate: boolean },
): unknown {
  if (error instanceof TooLargeError) {
    return new RouterProblem("too_large", error.message, "ask for less, with WHERE or LIMIT");
  }
  if (!(error instanceof DatabaseError)) return error;
  if (TOO_LONG.has(error.errno) || (error.kind === "lost" && isLate)) return late(shard);
  if (error.kind === "statement" || error.kind === "denied") {
    return new RouterProblem(
      "statement",
      `${shard} refused the statement: ${error.message} (${error.errno})`,
      error.advice,
    );
  }
  return new RouterProblem("shard_down", `${shard} cannot be used: ${error.message}`, error.advice);
}

function late(shard: string): RouterProblem {
  return new RouterProblem("deadline", `${shard} did not answer in time`);
}
