import type { Connection } from "../../connection/mod.ts";
import type { DigestCount } from "../../journal/mod.ts";

/** What a digest of the performance schema is, on MySQL and on MariaDB. Nothing else is put into the statement. */
const DIGEST = /^[0-9a-f]{32,64}$/;

/**
 * How often statements ran since the server counts them, by its own digests, and for how long together. The summary has
 * no row for what it had no room for.
 * @throws {DatabaseError}
 */
export async function readExecutions(
  connection: Connection,
  digests: readonly string[],
): Promise<readonly DigestCount[]> {
  const list = digests.filter((digest) => DIGEST.test(digest)).map((digest) => `'${digest}'`).join(", ");
  if (list === "") return [];
  const rows = await connection.query(
    "SELECT DIGEST AS digest, SUM(COUNT_STAR) AS count, SUM(SUM_TIMER_WAIT) / 1e9 AS time_ms " +
      `FROM performance_schema.events_statements_summary_by_digest WHERE DIGEST IN (${list}) GROUP BY DIGEST`,
  );
  return rows.map(({ digest, count, time_ms }) => ({
    serverDigest: String(digest),
    count: Number(count),
    time_ms: Number(time_ms),
  }));
}
