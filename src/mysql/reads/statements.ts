import type { StatementOptions } from "../../target/mod.ts";
import type { Capabilities } from "../capabilities.ts";
import type { Connection } from "../../connection/mod.ts";
import { sureDigest, tagsOf } from "../../digest/mod.ts";
import { keyOf, type Unknown } from "../../language/mod.ts";
import { readAttributes } from "./attributes.ts";
import type { Session } from "../../policy/mod.ts";
import { readWholeTexts } from "./whole_text.ts";

/**
 * Adds what is known from statements and clients to the sessions in question: whole texts, tags and, if needed,
 * digests and connection attributes.
 * @throws {DatabaseError} `lost`.
 */
export async function readStatements(
  connection: Connection,
  capabilities: Capabilities,
  sessions: readonly Session[],
  { ids, needs, tags }: StatementOptions,
): Promise<readonly Session[]> {
  const keys = [...needs].flatMap((name) => keyOf("attribute", name) ?? []);
  const attributes = await readAttributes(connection, capabilities, { ids, keys });
  const read = await readWholeTexts(connection, capabilities, sessions, ids);
  return read.map((session) =>
    ids.has(session.id)
      ? { ...session, ...attributes.get(session.id), ...statementValues(session, { needs, tags }) }
      : session
  );
}

/** The values from the text of a session's statement: its tags and, if needed, its digest. */
export function statementValues(
  session: Session,
  { needs, tags }: Pick<StatementOptions, "needs" | "tags">,
): Partial<Session> {
  return { ...tagValues(session, tags), ...needs.has("digest") && { digest: digestValue(session) } };
}

function tagValues({ sql }: Session, keep: readonly string[]): Partial<Session> {
  if (typeof sql === "string") return tagNames(keep, () => "");
  if ("unknown" in sql) return tagNames(keep, () => sql);
  const { tags, whole } = tagsOf(sql.text.reveal(), { cut: sql.cut, keep });
  return tagNames(keep, (key) => tags[key] ?? (whole ? "" : UNREAD));
}

const UNREAD: Unknown = { unknown: "it may be in the part of the text that was not read" };

function tagNames(keep: readonly string[], value: (key: string) => string | Unknown): Partial<Session> {
  return Object.fromEntries(keep.map((key) => [`tag.${key}`, value(key)]));
}

function digestValue({ sql }: Session): string | Unknown {
  if (typeof sql === "string" || "unknown" in sql) return sql;
  if (sql.cut) return UNREAD;
  const sure = sureDigest(sql.text.reveal());
  return "doubt" in sure ? { unknown: sure.doubt } : sure.digest;
}
