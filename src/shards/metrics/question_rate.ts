import type { Clock } from "../../clock.ts";
import type { Connection } from "../../connection/mod.ts";
import type { Unknown } from "../../language/mod.ts";

/** How many statements a server had run when a look ended. */
interface Mark {
  readonly at: number;
  /** Of all clients since it started. */
  readonly all: number;
  /** Of the connection that counted. */
  readonly own: number;
  readonly connection: number;
  /** In seconds. */
  readonly uptime: number;
}

/** Statements that were counted over less time say little, in milliseconds. */
const SHORTEST = 200;

/** A server's status by name, in small letters. */
type Status = ReadonlyMap<string, string>;

/**
 * Statements a second between two looks. What this program asks during a look is not between them; the rest of its own is
 * subtracted.
 */
export class QuestionRate {
  readonly #clock: Clock;
  #mark: Mark | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The first statements of a look: the rate since the last one, and the status. Throws DatabaseError. */
  async begin(connection: Connection): Promise<readonly [number | Unknown, Status]> {
    const before = this.#mark;
    this.#mark = undefined;
    const { mark, status } = await this.#read(connection);
    if (before === undefined) return [{ unknown: "it takes two looks" }, status];
    const elapsed = mark.at - before.at;
    if (mark.uptime < before.uptime || mark.all < before.all) {
      return [{ unknown: "the server has restarted since the last look" }, status];
    }
    if (elapsed < SHORTEST) return [{ unknown: "the last look was just now" }, status];
    const isSame = mark.connection === before.connection && mark.own >= before.own;
    // A look ends with one statement more than it counts.
    const own = isSame ? mark.own - before.own : mark.own + 1;
    const rate = Math.max(0, mark.all - before.all - own) * 1000 / elapsed;
    return [Math.round(rate * 100) / 100, status];
  }

  /** The last statements of a look. Throws DatabaseError. */
  async end(connection: Connection): Promise<void> {
    this.#mark = (await this.#read(connection)).mark;
  }

  /** All first, and its own behind it: so its own are those that are in all, and one more. */
  async #read(connection: Connection): Promise<{ readonly mark: Mark; readonly status: Status }> {
    const all = await connection.query(
      "SHOW GLOBAL STATUS WHERE Variable_name IN ('Questions', 'Threads_connected', 'Uptime')",
    );
    const at = this.#clock.now();
    const own = await connection.query("SHOW SESSION STATUS WHERE Variable_name = 'Questions'");
    const status: Status = new Map(
      all.map((row) => [String(row["Variable_name"]).toLowerCase(), String(row["Value"])]),
    );
    const mark = {
      at,
      all: Number(status.get("questions")),
      own: Number(own[0]?.["Value"]) - 1,
      connection: connection.id,
      uptime: Number(status.get("uptime")),
    };
    return { mark, status };
  }
}
