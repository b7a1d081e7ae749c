import type { Unknown } from "../../language/mod.ts";
import type { Session } from "../../policy/mod.ts";

/** How many are kept: at the default interval, those of the last quarter of an hour. */
const MOST = 1000;
/** How far a statement's age may run ahead of our clock, in milliseconds. */
const CLOCK_SLACK = 20;

/**
 * Records which query id a server had reached when. MariaDB's process list shows an inner statement of a CALL or
 * block instead of the CALL, but with the age of the CALL. Such a statement can be recognized: its query id is
 * newer than its age allows.
 */
export class QueryIds {
  /** Oldest first. */
  readonly #given: { readonly id: number; readonly at: number }[] = [];

  /**
   * Records a query id.
   * @param at By the clock's `now`, in milliseconds: the id was assigned then or soon after.
   */
  note(id: number, at: number): void {
    this.#given.push({ id, at });
    if (this.#given.length > MOST) this.#given.shift();
  }

  /**
   * Returns the sessions; those that certainly run an inner statement now run a CALL. A statement that began before
   * the first recorded id may be an inner one without being recognized.
   * @param now By the clock's `now`, in milliseconds, after the sessions were read.
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

/**
 * The text shown is not the client's statement. If its verb protects the session, it is kept, so that it still
 * does.
 */
function asCall(session: Session): Session {
  const { sql, verb } = session;
  if (!PLAIN.has(verb)) return session;
  return { ...session, sql: INNER, verb: "call", ...typeof sql === "object" && { shown: sql } };
}

/** Verbs that never protect a session. */
const PLAIN: ReadonlySet<unknown> = new Set(
  ["select", "insert", "update", "delete", "replace", "do", "set", "show", "table", "values"],
);

const INNER: Unknown = {
  unknown: "it runs a routine or a block, of which the server shows an inner statement",
};
