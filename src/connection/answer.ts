import type { Connection as DriverConnection } from "mysql2";
import { DEADLINES } from "./deadlines.ts";
import { DatabaseError, noAnswer, statementError } from "./error.ts";

/** What a server says to one statement, its values as they came. */
export interface Answer {
  /** None of a statement that returns no rows. */
  readonly columns: readonly AnswerColumn[];
  /** Bytes of texts are UTF-8 where the column's charset is not the binary one. */
  readonly rows: readonly (readonly (Uint8Array | null)[])[];
  /** How many rows a statement that writes has changed. */
  readonly affected: number;
  /** The number that the server has given to the first row that was inserted; 0 for none. */
  readonly insertId: number | string;
}

/** A column of an answer. */
export interface AnswerColumn {
  readonly name: string;
  /** The number of its type in the protocol (enum_field_types). */
  readonly type: number;
  /** How many digits behind the point a number is sent with; 31: as many as it takes. */
  readonly decimals: number;
  /** It holds bytes, or what has no letters: its charset is the binary one. */
  readonly binary: boolean;
}

/** How statements are run, and what their answers may be. */
export interface AnswerOptions {
  /** How long to wait, in milliseconds. */
  readonly timeout: number;
  /** The most rows of one answer. */
  readonly rows: number;
  /** The most bytes of all answers. */
  readonly bytes: number;
}

/** An answer is larger than it may be. The connection is thrown away: the server would go on sending. */
export class TooLargeError extends Error {
  override readonly name = "TooLargeError";
  readonly what: "rows" | "bytes";

  constructor(what: "rows" | "bytes") {
    super(`the answer has too many ${what}`);
    this.what = what;
  }
}

/** The charset of bytes (`binary`), by its number in the protocol. */
const BINARY = 63;

interface Definition {
  readonly name: string;
  readonly columnType: number;
  readonly characterSet: number;
  readonly decimals: number;
}

interface Header {
  readonly affectedRows: number;
  readonly insertId: number | string;
}

interface Building {
  readonly columns: readonly AnswerColumn[];
  readonly rows: (readonly (Uint8Array | null)[])[];
  affected: number;
  insertId: number | string;
}

/**
 * Runs one or more statements, and reads what comes.
 * @throws {DatabaseError} After `lost`, nothing is known of a statement that writes.
 * @throws {TooLargeError}
 */
export function readAnswers(
  driver: DriverConnection,
  sql: string,
  { timeout, rows: mostRows, bytes: mostBytes }: AnswerOptions,
): Promise<readonly Answer[]> {
  return new Promise((resolve, reject) => {
    const answers: Building[] = [];
    let bytes = 0;
    // Of a connection that breaks the driver tells the connection, and not a statement without a callback.
    const broken = (error: unknown) => end(() => reject(statementError(error)));
    const inTime = DEADLINES.begin(timeout, () => end(() => reject(noAnswer())));
    const end = (act: () => void) => {
      inTime();
      driver.removeListener("error", broken);
      act();
    };
    driver.on("error", broken);
    const query = driver.query({
      sql,
      rowsAsArray: true,
      typeCast: (field) => {
        const value = (field as unknown as { buffer(): Uint8Array | null }).buffer();
        bytes += value?.length ?? 0;
        return value;
      },
    });
    query.on("fields", (fields: unknown) => {
      const columns = Array.isArray(fields) ? (fields as Definition[]).map(columnOf) : [];
      answers.push({ columns, rows: [], affected: 0, insertId: 0 });
    });
    query.on("result", (row: unknown) => {
      const into = answers.at(-1)!;
      if (!Array.isArray(row)) {
        const { affectedRows, insertId } = row as Header;
        Object.assign(into, { affected: affectedRows, insertId });
      } else if (into.rows.push(row) > mostRows) end(() => reject(new TooLargeError("rows")));
      else if (bytes > mostBytes) end(() => reject(new TooLargeError("bytes")));
    });
    query.on(
      "error",
      (error: unknown) => end(() => reject(error instanceof DatabaseError ? error : statementError(error))),
    );
    query.on("end", () => end(() => resolve(answers)));
  });
}

function columnOf({ name, columnType, characterSet, decimals }: Definition): AnswerColumn {
  return { name, type: columnType, decimals, binary: characterSet === BINARY };
}
