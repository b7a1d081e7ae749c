// From their own files: what these folders are needs 50 ms to load, at each start.
import { FLAVORS } from "../mysql/flavor.ts";
import { LOG_FORMATS } from "../events/log_format.ts";
import { LEVELS } from "../policy/level.ts";

/** An option of the command line. */
export interface Option {
  readonly name: string;
  readonly short?: string;
  /** The name of its value in the help; an option without one is a switch. */
  readonly value?: string;
  /** The only values that it can have. */
  readonly choices?: readonly string[];
  /** Which of them it may have, the command says: not each of its tasks takes all. */
  readonly isJudgedLater?: true;
  readonly help: string;
  /** It may stand once, and what to write in place of it twice. Else the last one counts. */
  readonly twice?: string;
}

/** Every option. Each command names those it takes. */
export const OPTIONS = {
  config: {
    name: "config",
    short: "c",
    value: "FILE",
    help:
      "the configuration; else $QUERY_SNIPER_CONFIG, ./query-sniper.yaml, /etc/query-sniper/query-sniper.yaml",
  },
  dryRun: {
    name: "dry-run",
    help: "decide and log, never kill, whatever the configuration says",
  },
  maxTime: {
    name: "max-time",
    value: "DURATION",
    help: "end after this long at the latest (default 50s, at most 1h)",
  },
  format: {
    name: "format",
    value: "FORMAT",
    choices: ["text", "json"],
    help: "text (default): for people; json: JSON Lines, an object a line",
  },
  verbose: { name: "verbose", help: "all that holds for each database, however many there are" },
  place: {
    name: "place",
    value: "PATH",
    help: "where FILE will be: what it names is relative to that place, as where a copy is checked",
  },
  database: { name: "database", value: "NAME", help: "only this database of the configuration" },
  session: { name: "session", value: "ID", help: "only this session, by its id in the process list" },
  watch: { name: "watch", help: "again at every interval, until SIGTERM or SIGINT" },
  logFormat: {
    name: "log-format",
    value: "FORMAT",
    choices: LOG_FORMATS,
    help: "auto (default): pretty on a terminal, else json",
  },
  logLevel: {
    name: "log-level",
    value: "LEVEL",
    choices: LEVELS,
    help: "the least level that is written (default info)",
  },
  query: {
    name: "query",
    value: "SQL",
    help: "the statements themselves, in place of files",
  },
  flavor: {
    name: "flavor",
    value: "FLAVOR",
    choices: FLAVORS,
    help: "only for servers of this flavor (default: a section for each)",
  },
  run: {
    name: "run",
    value: "REGEX",
    help: "only tests whose name matches this, in RE2 syntax, anywhere in it",
  },
  junit: { name: "junit", value: "FILE", help: "write the results there too, as JUnit XML for CI systems" },
  output: {
    name: "output",
    value: "FILE",
    help: "what to write; it must not exist yet (default recording-TIME.jsonl.gz, here)",
  },
  for: { name: "for", value: "DURATION", help: "how long (default until SIGTERM or SIGINT)" },
  maxSize: {
    name: "max-size",
    value: "SIZE",
    help: "ends before the file is larger than this (default 100MiB, at least 64KiB)",
  },
  hashNames: {
    name: "hash-names",
    help: "users, hosts, schemas, tables and programs are hashed, by a key that is not kept",
  },
  journals: {
    name: "journal",
    value: "FILE",
    help: "the journal to read, and more of them after it, in place of the configuration's",
    twice: "write the files of all journals after it",
  },
  since: {
    name: "since",
    value: "TIME",
    help: "from when on: how long ago, such as 24h, or a time in UTC, such as 2026-11-20T10:03 or 10:03",
  },
  until: { name: "until", value: "TIME", help: "to when, in the same way (default now)" },
  policy: { name: "policy", value: "NAME", help: "only this policy" },
  digest: { name: "digest", value: "DIGEST", help: "only this digest, or those that begin so" },
  user: { name: "user", value: "NAME", help: "only sessions of this user" },
  outcome: {
    name: "outcome",
    value: "OUTCOME",
    help: "only what came to this, a word of `help events`; match: only logged; open: not known yet",
  },
  pastDatabase: { name: "database", value: "NAME", help: "only this database, by its name in the journal" },
  by: {
    name: "by",
    value: "KEY",
    help: "what to count by: digest (default), shape, tag.KEY, database, user or policy",
  },
  historyFormat: {
    name: "format",
    value: "FORMAT",
    choices: ["pretty", "json", "csv"],
    help: "pretty (default): for people; json: JSON Lines, an event a line; csv: a table",
  },
  reportFormat: {
    name: "format",
    value: "FORMAT",
    choices: ["table", "json", "csv", "markdown", "html"],
    help: "table (default): for people; json: one object; csv: a row for each key; markdown or html: a page",
  },
  reportFile: { name: "output", value: "FILE", help: "where to write the report, in place of what is there" },
  executions: {
    name: "executions",
    value: "FILE",
    help: "how often queries were executed, by dumps of ProxySQL's digests: a folder, or files after it",
    twice: "write the files of all dumps after it, or their folder",
  },
  comparePeriod: {
    name: "compare",
    value: "PERIOD",
    help: "with so long before, such as 7d, or from one time to another, such as 2026-11-01/2026-11-08",
  },
  compare: {
    name: "compare",
    value: "FILE",
    help: "another configuration: only what it would have killed and this one not, and the reverse",
  },
  oneJournal: { name: "journal", value: "FILE", help: "this journal, in place of the configuration's" },
  after: { name: "after", value: "ID", help: "export only decisions behind the one with this id" },
  keep: {
    name: "keep",
    value: "DURATION",
    help: "prune what is older than this (default as configured, else 400d)",
  },
  keptSize: {
    name: "max-size",
    value: "SIZE",
    help: "prune the oldest days of what is larger (default as configured, else 2GiB)",
  },
  json: { name: "json", help: "one object, for programs" },
  proxy: { name: "proxy", value: "NAME", help: "which ProxySQL, where several are configured" },
  live: { name: "live", help: "of health: whether ProxySQL answers" },
  ready: { name: "ready", help: "of health (default): whether ProxySQL is ready for clients" },
  started: { name: "started", help: "of health: whether ProxySQL has answered once" },
  proxysqlFormat: {
    name: "format",
    value: "FORMAT",
    choices: ["text", "json", "jsonl", "csv", "parquet"],
    isJudgedLater: true,
    help:
      "of status and health: text (default) or json; of digests: jsonl, csv or parquet (default as configured)",
  },
  dump: {
    name: "output",
    value: "FILE",
    help:
      "of digests: where to write them, or - (default a file in the configured folder, else -); .gz: compressed",
  },
  delta: { name: "delta", help: "of digests: what came since the dump before, whatever is configured" },
  statements: {
    name: "dry-run",
    help:
      "of run, digests, drain and resync: print the statements that would change something, and send none of them",
  },
  drainTimeout: {
    name: "timeout",
    value: "DURATION",
    help: "of drain: how long to wait for sessions to end (default as configured)",
  },
  shutdown: { name: "shutdown", help: "of drain: shut ProxySQL down at the end" },
  resume: { name: "resume", help: "of drain: undo it, and take connections again" },
  moveSteps: {
    name: "dry-run",
    help: "of move, add and drain: print the steps, and do none of them",
  },
  write: { name: "write", help: "of rebuild-map: write the map; else it only says what it would be" },
  help: { name: "help", short: "h", help: "show this help" },
  version: { name: "version", short: "V", help: "show the version" },
} as const satisfies Readonly<Record<string, Option>>;
