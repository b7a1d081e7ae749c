import { type Capabilities, type Connection, PROCESS_LIST_TEXT_LIMIT, refusal } from "../database/mod.ts";
import { Secret } from "../log/secret.ts";
import { SOURCES } from "./session_source.ts";
import type { Session } from "./snapshot.ts";
import { isCut, verbOfText } from "./statement_text.ts";

/**
 * Reads the texts again that the performance schema has cut (performance_schema_max_sql_text_length): the process
 * list keeps 65,535 bytes. The execution is read after the text: where it is still the same, so was the text's. What
 * the server refuses, and what is over by then, stays as it is.
 * @throws {DatabaseError} `lost`.
 */
export async function readWholeTexts(
  connection: Connection,
  { sessions: source }: Capabilities,
  sessions: readonly Session[],
  ids: ReadonlySet<number>,
): Promise<readonly Session[]> {
  const { executions } = SOURCES[source];
  const cut = sessions.filter(({ id, sql }) =>
    ids.has(id) && typeof sql === "object" && "cut" in sql && sql.cut
  );
  if (executions === undefined || cut.length === 0) return sessions;
  const list = cut.map(({ id }) => id).join(", ");
  try {
    const texts = await connection.query(
      `SELECT ID AS id, INFO AS text FROM information_schema.PROCESSLIST WHERE ID IN (${list})`,
    );
    const now = new Map(
      (await connection.query(executions(list))).map((row) => [row["execution"], Number(row["id"])]),
    );
    const whole = new Map(texts.map((row) => [Number(row["id"]), row["text"]]));
    return sessions.map((session) => {
      const text = whole.get(session.id);
      const same = now.get(session.execution) === session.id;
      return same && typeof text === "string" ? withText(session, text) : session;
    });
  } catch (error) {
    refusal(error);
    return sessions;
  }
}

/** Inside a CALL the process list shows the inner statement; of a prepared one, its text with the values. */
function withText(session: Session, text: string): Session {
  const { sql, command, program } = session;
  if (typeof sql !== "object" || !("cut" in sql)) return session;
  const isRest = command === "Execute" ||
    comparable(text).startsWith(comparable(sql.text.reveal()).slice(0, -ELLIPSIS));
  if (!isRest) return session;
  const cut = isCut(text, PROCESS_LIST_TEXT_LIMIT);
  return {
    ...session,
    sql: { text: new Secret(text), cut },
    verb: verbOfText(text, { cut, program }),
    shown: sql,
  };
}

/** MySQL puts three dots in the place of the last three bytes that it keeps. */
const ELLIPSIS = 3;

/** The two columns do not have the same character set. */
function comparable(text: string): string {
  return text.replace(/[^\x20-\x3e\x40-\x7e]/g, "");
}
