import type { Capabilities } from "../capabilities.ts";
import { type Connection, refusal } from "../../connection/mod.ts";
import { PROCESS_LIST_TEXT_LIMIT } from "../probe.ts";
import { Secret } from "../../text/secret.ts";
import { SOURCES } from "./session_source.ts";
import type { Session } from "../../policy/mod.ts";
import { isCut, verbOfText } from "./statement_text.ts";

/**
 * Reads from the process list, which keeps 65,535 bytes, the texts that the performance schema has cut
 * (performance_schema_max_sql_text_length) or does not show (MariaDB's prepared statements). Executions are read
 * after the texts: if an execution is still the same, the text is its own. If the server refuses, or a statement
 * has ended, the session stays as it was.
 * @throws {DatabaseError} `lost`.
 */
export async function readWholeTexts(
  connection: Connection,
  { sessions: source }: Capabilities,
  sessions: readonly Session[],
  ids: ReadonlySet<number>,
): Promise<readonly Session[]> {
  const { whole: queries } = SOURCES[source];
  const partial = sessions.filter((session) => ids.has(session.id) && isPartial(session));
  if (queries === undefined || partial.length === 0) return sessions;
  const list = partial.map(({ id }) => id).join(", ");
  try {
    const texts = await connection.query(queries.texts(list));
    const now = new Map(
      (await connection.query(queries.executions(list))).map((row) => [row["execution"], Number(row["id"])]),
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

function isPartial({ running, sql }: Session): boolean {
  return running && typeof sql === "object" && ("unknown" in sql || sql.cut);
}

/**
 * Takes over a whole text if it continues the known one, or belongs to a prepared statement, which MySQL shows with
 * its values.
 */
function withText(session: Session, text: string): Session {
  const { sql, command, program } = session;
  if (typeof sql !== "object") return session;
  const isRest = "unknown" in sql || command === "Execute" ||
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

/** MySQL replaces the last three bytes that it keeps with dots. */
const ELLIPSIS = 3;

/** The text without characters that may differ, since the two columns have different character sets. */
function comparable(text: string): string {
  return text.replace(/[^\x20-\x3e\x40-\x7e]/g, "");
}
