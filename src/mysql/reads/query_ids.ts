import type { Unknown } from "../../language/mod.ts";
import type { Session } from "../../policy/mod.ts";

/** How many are kept: those of the last quarter of an hour, at the usual interval. */
const MOST = 1000;
/** By so much a server's age of a statement may be ahead of our clock, in milliseconds. */
const CLOCK_SLACK = 20;

/**
 * Records when a server gave which query ids. MariaDB's process list shows an inner statement of a CALL, or of a
 * block, in its place, with the age of the CALL: that its query id was given later tells it from what the client
 * sent.
 */
export class QueryIds {
  /** From the oldest to the newest. */
  readonly #given: { readonly id: number; readonly at: number }[] = [];

  /**
   * Records one.
   * @param at Of the clock's `now`, in milliseconds: it was given then, or soon after.
   */
  note(id: number, at: number): void {
    this.#given.push({ id, at });
    if (this.#given.length > MOST) this.#given.shift();
  }

  /**
   * The same sessions; those that run an inner statement for sure run a CALL. What had begun when nobody looked yet may
   * be one all the same.
   * @param now Of the clock's `now`, in milliseconds: the sessions were read by then.
   */
  resolve(sessions: readonly Session[], now: number): readonly Session[] {
    if (!sessions.some((session) => this.#isInner(session, now))) return sessions;
    return sessions.map((session) => this.#isInner(session, now) ? asCall(session) : session);
  }

  #isInner({ perhaps_inner, execution, time }: Session, now: number): boolean {
    if (perhaps_inner !== true || typeof time !== "number") return false;
    const before = this.#given.findLastIndex(({ at }) => at <= now - time + CLOCK_SLACK);
    const next = this.#given[before + 1];
    return next !== undefined && Number(execution) > next.id;
  }
}

/** What is shown instead of a CALL is not the client's statement. What would spare the session still does. */
function asCall(session: Session): Session {
  const { sql, verb } = session;
  if (!PLAIN.has(verb)) return session;
  return { ...session, sql: INNER, verb: "call", ...typeof sql === "object" && { shown: sql } };
}

/** Verbs of which none keeps a session from being selected. */
const PLAIN: ReadonlySet<unknown> = new Set(
  ["select", "insert", "update", "delete", "replace", "do", "set", "show", "table", "values"],
);

const INNER: Unknown = {
  unknown: "it runs a routine or a block, of which the server shows an inner statement",
};
