/** A value of a dump: a counter has 64 bits; a time is in milliseconds since 1970. */
export type DumpValue = string | bigint | boolean | null;

export type DumpType = "text" | "integer" | "boolean" | "time";

/** A column of a dump. */
interface DumpColumn {
  readonly type: DumpType;
  readonly meaning: string;
}

/** The version of the columns: it changes when one of them changes its name or its meaning. */
export const DUMP_VERSION = 1n;

/** Every column of a dump, in order. `_us` is in microseconds, `_total` since ProxySQL counts. */
export const DUMP_COLUMNS = {
  event_version: { type: "integer", meaning: `the version of these columns: ${DUMP_VERSION}` },
  dump_id: { type: "text", meaning: "a UUID, the same in all rows of a dump; later dumps have greater ones" },
  instance: { type: "text", meaning: "the address of the admin interface, as configured" },
  pod: { type: "text", meaning: "`$POD_NAME`, else `$HOSTNAME`" },
  proxysql_version: { type: "text", meaning: "the version of ProxySQL" },
  from: { type: "time", meaning: "since when `count` counts: the dump before, or `first_seen`" },
  to: { type: "time", meaning: "the time of the dump, by ProxySQL's clock" },
  hostgroup: { type: "integer", meaning: "where the statement was sent to" },
  schema: { type: "text", meaning: "the default schema" },
  username: { type: "text", meaning: "the user of ProxySQL" },
  client_address: {
    type: "text",
    meaning: "the client; empty unless mysql-query_digests_track_hostname is on",
  },
  digest: { type: "text", meaning: "ProxySQL's own hash" },
  sniper_digest: {
    type: "text",
    meaning: "the digest that kill events have; null where ProxySQL's text does not tell it for sure",
  },
  digest_text: { type: "text", meaning: "the statement without literals and comments" },
  tags: { type: "text", meaning: "the kept tags of its comments, as a JSON object" },
  count: { type: "integer", meaning: "executions since `from`" },
  count_total: { type: "integer", meaning: "executions since ProxySQL counts" },
  time_us: { type: "integer", meaning: "how long these took; null where ProxySQL gave a negative time" },
  time_us_total: { type: "integer", meaning: "the same since ProxySQL counts" },
  min_time_us_total: { type: "integer", meaning: "the shortest since ProxySQL counts" },
  max_time_us_total: { type: "integer", meaning: "the longest since ProxySQL counts" },
  rows_affected: { type: "integer", meaning: "rows that were changed" },
  rows_sent: { type: "integer", meaning: "rows that were sent" },
  first_seen: { type: "time", meaning: "when ProxySQL counted it first" },
  last_seen: { type: "time", meaning: "when ProxySQL counted it last" },
  reset: { type: "boolean", meaning: "whether ProxySQL began to count again since the dump before" },
} as const satisfies Readonly<Record<string, DumpColumn>>;

export type DumpColumnName = keyof typeof DUMP_COLUMNS;

/** A row of a dump. Times are written as text in all formats but Parquet. */
export type DumpRow = Readonly<Record<DumpColumnName, DumpValue>>;

/** Columns by name, in order, each with its type. */
export type ColumnTypes = ReadonlyMap<string, DumpType>;

/** A row that may have more columns than every dump has. */
export type WideRow = Readonly<Record<string, DumpValue>>;

/** The columns that every dump has. */
export const DUMP_TYPES: ColumnTypes = new Map(
  Object.entries(DUMP_COLUMNS).map(([name, { type }]) => [name, type]),
);

/** A row with its times as text. */
export function writtenRow(row: WideRow, columns: ColumnTypes): WideRow {
  return Object.fromEntries(
    [...columns].map(([name, type]) => {
      const value = row[name]!;
      return [name, type === "time" && typeof value === "bigint" ? isoTime(value) : value];
    }),
  );
}

/** A time as text: ISO 8601 in UTC. */
function isoTime(milliseconds: bigint): string {
  return new Date(Number(milliseconds)).toISOString();
}
