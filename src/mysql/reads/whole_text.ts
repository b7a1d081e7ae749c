import type { Capabilities } from "../capabilities.ts";
import { type Connection, refusal } from "../../connection/mod.ts";
import { PROCESS_LIST_TEXT_LIMIT } from "../probe.ts";
import { Secret } from "../../text/secret.ts";
import { SOURCES } from "./session_source.ts";
import type { Session } from "../../policy/mod.ts";
import { isCut, verbOfText } from "./statement_text.ts";

/**
 * Reads the texts that the performance schema has cut (performance_schema_max_sql_text_length), or does not show
 * (MariaDB's prepared statements): the process list keeps 65,535 bytes. The execution is read after the text: where it is still the same, so was the text's. What
 * the server refuses, and what is over by then, stays as it is.
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

/** A text that goes on as it began, or that of a prepared statement: on MySQL with its values. */
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

/** MySQL puts three dots in the place of the last three bytes that it keeps. */
const ELLIPSIS = 3;

/** The two columns do not have the same character set. */
function comparable(text: string): string {
  return text.replace(/[^\x20-\x3e\x40-\x7e]/g, "");
}
