/** How a server came to the group; `configured`: it was one of its shards from the begin. */
export const MEMBER_SOURCES = ["configured", "pool", "http", "exec"] as const;

/**
 * What a server that was added is: `claimed`, asked for; `ready`, it is there and empty; `serving`, it was given slots;
 * `drained`, it has none any more; `failed`, it could not be used; `released`, it was given back.
 */
export const MEMBER_STATES = ["claimed", "ready", "serving", "drained", "failed", "released"] as const;

/** What the metadata database keeps of servers that were added or drained. */
export const MEMBER_TABLE =
  "CREATE TABLE IF NOT EXISTS qs_member (shard VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, " +
  `source ENUM(${listed(MEMBER_SOURCES)}) NOT NULL, state ENUM(${listed(MEMBER_STATES)}) NOT NULL, ` +
  "host VARCHAR(255) CHARACTER SET ascii NULL, port SMALLINT UNSIGNED NULL, decision BIGINT UNSIGNED NULL, " +
  "problem VARCHAR(1000) CHARACTER SET utf8mb4 NULL, claimed BIGINT UNSIGNED NOT NULL, " +
  "changed TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP) ENGINE = InnoDB";

/** All of them, in the order of their names. */
export const READ_MEMBERS =
  "SELECT shard, source, state, host, port, CAST(decision AS CHAR) AS decision, problem, CAST(claimed AS CHAR) AS claimed " +
  "FROM qs_member ORDER BY shard";

function listed(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(", ");
}
