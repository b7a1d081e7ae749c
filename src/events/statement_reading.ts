import { isUnknown, keyOf, type StatementText } from "../language/mod.ts";
import type { Session } from "../policy/mod.ts";

/** A statement as read. Its text may leave the process only through `redact`. */
export interface StatementReading {
  readonly sql: StatementText;
  readonly verb?: string;
  /** The server's own digest. */
  readonly serverDigest?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** The statement that a session runs, if its text is known. */
export function statementReading(session: Session): StatementReading | undefined {
  const { sql, verb, server_digest: serverDigest } = session;
  if (typeof sql === "string" || isUnknown(sql)) return undefined;
  return {
    sql,
    ...typeof verb === "string" && { verb },
    ...serverDigest !== undefined && { serverDigest },
    tags: tagsOf(session),
  };
}

function tagsOf(session: Session): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(session).flatMap(([name, value]) => {
      const key = keyOf("tag", name);
      return key === undefined || typeof value !== "string" || value === "" ? [] : [[key, value]];
    }),
  );
}
