import type { Command } from "./command.ts";
import { OPTIONS } from "./option.ts";
import { SHELLS } from "./shell.ts";
import { SHARD_TASKS } from "./commands/shards/task_name.ts";
import { TASK_NAMES } from "./commands/journal/task_name.ts";
import { PROXYSQL_TASKS } from "./commands/proxysql/task_name.ts";
import { TOPICS } from "./commands/help/topic.ts";

const {
  config,
  database,
  session,
  watch,
  dryRun,
  maxTime,
  logFormat,
  logLevel,
  flavor,
  format,
  query,
  run,
  junit,
  output,
  place,
  verbose,
  maxSize,
  hashNames,
  compare,
  journals,
  since,
  until,
  policy,
  digest,
  user,
  outcome,
  pastDatabase,
  by,
  historyFormat,
  reportFormat,
  reportFile,
  comparePeriod,
  executions,
} = OPTIONS;

/** Every command. Parsing, help and completions come from this table. */
export const COMMANDS: readonly Command[] = [
  {
    name: "run",
    summary: "watch all databases until SIGTERM or SIGINT",
    details: "The service. A database that cannot be reached is tried again, and holds up no other. Where\n" +
      "`sharding.router.listen` is written it also serves the router, and where `sharding.admin.listen` is\n" +
      "written the coordinator.",
    options: [config, dryRun, logFormat, logLevel],
    load: async () => (await import("./commands/run/run.ts")).run,
  },
  {
    name: "once",
    summary: "look once at all databases, for cron",
    details:
      "Goes on looking while the gate of a policy with `for` is open, and until the effect of its kills\n" +
      "is seen. Exits with 1 where a database could not be reached or a kill was denied.",
    options: [config, dryRun, maxTime, logFormat, logLevel],
    load: async () => (await import("./commands/run/run.ts")).once,
  },
  {
    name: "validate-config",
    summary: "check configuration files, without connecting anywhere",
    details:
      "Prints all errors at once, or else what was understood, with warnings of what can hardly be meant.\n" +
      "Of more than a few databases it prints a summary. Credentials are checked where they exist. With\n" +
      "--format json one object a file, in order.",
    arguments: "[FILE…]",
    options: [config, place, verbose, format],
    load: async () => (await import("./commands/validate_config/validate_config.ts")).validateConfig,
  },
  {
    name: "check",
    summary: "connect to every database, and tell what each policy could do there",
    details:
      "A table of what each server is, how each value is read there, and how it would be killed there,\n" +
      "which is proved on a session of its own; then what is missing, with the statement that helps.\n" +
      "Exits with 1 where a policy in force could not work.",
    options: [config, format],
    load: async () => (await import("./commands/check/check.ts")).check,
  },
  {
    name: "explain",
    summary: "look once, kill nothing, and tell what each policy says and why",
    details: "The gate of each policy with its values, and for each session that a policy selects, or may\n" +
      "select, the verdict and the clauses that decided. It takes no lease.",
    options: [config, database, session, watch, format],
    load: async () => (await import("./commands/explain/explain.ts")).explain,
  },
  {
    name: "top",
    summary: "a screen of the fleet: gates, sessions, verdicts; kill by key",
    details:
      "Shows all databases, the worst first, and the sessions in question of one with the verdict of each\n" +
      "policy. On an armed database a session can be killed after a question: with the same checks as\n" +
      "those of policies, and written to the journal. It takes no lease. ? shows the keys.",
    options: [config, database],
    load: async () => (await import("./commands/top/top.ts")).top,
  },
  {
    name: "test",
    summary: "run unit tests of policies",
    details:
      "A test says what is there over simulated time, and who is to be killed and spared. It runs the\n" +
      "policies of its configuration as if they were armed, and connects nowhere. Exits with 1 where one\n" +
      "failed.",
    arguments: "FILE…",
    options: [run, junit],
    load: async () => (await import("./commands/test/test_policies.ts")).testPolicies,
  },
  {
    name: "record",
    summary: "save what policies can ask about, without literals",
    details:
      "Looks at all of every database at each interval, kills nothing, and writes compressed JSON Lines,\n" +
      "for `replay`. Of clauses about `sql` in this configuration it keeps whether they were true. Exits\n" +
      "with 1 where a database could not be reached all the time.",
    options: [config, database, output, OPTIONS.for, maxSize, hashNames],
    load: async () => (await import("./commands/record/record.ts")).record,
  },
  {
    name: "replay",
    summary: "run policies over a recording: what would have been killed",
    details:
      "A dry run over what `record` has saved, in its time. Connects nowhere. A policy that asks for what\n" +
      "was not recorded is named, and left out; then it exits with 1.",
    arguments: "FILE",
    options: [config, compare, database, format],
    load: async () => (await import("./commands/replay/replay.ts")).replay,
  },
  {
    name: "history",
    summary: "what was killed, spared or only matched, and why",
    details:
      "From the journal: each decision in a line, the newest last, then what the time covers. Without\n" +
      "--since the last 24h. All times are in UTC. It may be used beside a running program.",
    arguments: "[FILE…]",
    options: [
      ...[config, journals, since, until, pastDatabase, policy, digest, user, outcome, session],
      historyFormat,
    ],
    load: async () => (await import("./commands/history/history.ts")).history,
  },
  {
    name: "report",
    summary: "a scorecard of queries: kills, time wasted, who calls them, and the trend",
    details:
      "From the journal: what came how often, beside the time before, and what the time covers. Without\n" +
      "--since the last 7d. Journals of several programs are read as one: --journal FILE FILE. With\n" +
      "--executions, which part of the executions through ProxySQL was killed.",
    arguments: "[FILE…]",
    options: [
      ...[config, journals, since, until, by, pastDatabase, policy, comparePeriod],
      ...[executions, reportFormat, reportFile],
    ],
    load: async () => (await import("./commands/report/report.ts")).report,
  },
  {
    name: "journal",
    summary: "look after the journal: check, compact, prune or export it",
    details:
      "check reads all of it, and exits with 1 where it is damaged. prune deletes what is too old, and\n" +
      "compact gives free space back: both in small steps, beside a running program. export prints JSON\n" +
      "Lines, an object a decision.",
    arguments: TASK_NAMES.join("|"),
    argumentChoices: () => TASK_NAMES,
    options: [config, OPTIONS.oneJournal, format, OPTIONS.keep, OPTIONS.keptSize, OPTIONS.after],
    load: async () => (await import("./commands/journal/journal.ts")).journal,
  },
  {
    name: "notify",
    summary: "send a sample message through a channel",
    details:
      "Sends it as `run` would, once, and prints the answer. Exits with 1 where it was not taken. The\n" +
      "address is never shown.",
    arguments: "test NAME",
    argumentChoices: () => ["test"],
    options: [config],
    load: async () => (await import("./commands/notify/notify.ts")).notify,
  },
  {
    name: "proxysql",
    summary: "look after a ProxySQL: its status, health, digests, drain and resync",
    details: "run is the agent: it looks after its ProxySQL, serves health and more over HTTP, dumps on\n" +
      "schedule, and drains at SIGTERM where `drain` is configured. status tells what it is and what is\n" +
      "around it. health is for a container's probe, and exits with 1 where it is not well. digests dumps\n" +
      "its digests to a file, without literals. drain takes no new connections, ends those that are idle,\n" +
      "and exits with 1 where clients were left. resync takes a satellite's list of cores from its file.",
    arguments: PROXYSQL_TASKS.join("|"),
    argumentChoices: () => PROXYSQL_TASKS,
    options: [
      ...[
        config,
        OPTIONS.proxy,
        OPTIONS.proxysqlFormat,
        OPTIONS.live,
        OPTIONS.ready,
        OPTIONS.started,
        OPTIONS.dump,
      ],
      ...[OPTIONS.delta, OPTIONS.drainTimeout, OPTIONS.shutdown, OPTIONS.resume, OPTIONS.statements],
      ...[logFormat, logLevel],
    ],
    load: async () => (await import("./commands/proxysql/proxysql.ts")).proxysql,
  },
  {
    name: "router",
    summary: "take SQL by HTTP, and run it on the shards that own its rows",
    details:
      "POST /query and /explain, GET /health, on an address of this host, until SIGTERM or SIGINT. What is\n" +
      "not certain to give what one server with all rows would give is refused, with the reason. Any number\n" +
      "of routers may run.",
    options: [config],
    load: async () => (await import("./commands/router/router.ts")).router,
  },
  {
    name: "coordinator",
    summary: "watch a group of shards, and add shards and move rows as its policies say",
    details:
      "Looks at all shards at each interval, asks the policies of `sharding`, and carries out what they and\n" +
      "people decide, one change at a time, until SIGTERM or SIGINT. On `sharding.admin.listen` it serves a\n" +
      "page (GET /), GET /shards, /moves, /changes, /group, /health and /metrics, POST /shards, /moves,\n" +
      "/shards/ID/drain, /changes/ID/abort and /explain. Without `sharding.mode: enforce` it only says what\n" +
      "it would do.",
    options: [config, dryRun, logFormat, logLevel],
    load: async () => (await import("./commands/coordinator/coordinator.ts")).coordinator,
  },
  {
    name: "shards",
    summary: "list and check the shards, give them slots, move these, add or drain shards",
    details:
      "list: the slots of each. check: tables, keys, indexes, foreign keys, triggers, settings, the\n" +
      "slots, and rows on the wrong shard; exits with 1 where something has to be changed. init: prints\n" +
      "what it would write, and with `sharding.mode: enforce` writes it. move FROM TO SLOTS: moves the\n" +
      "rows of slots, such as 0-511,600, while they are read and written. moves: all of them. pause,\n" +
      "resume, abort ID: of a move; resume and abort also run it, where no other process does. abort ID\n" +
      "also cancels a change while none of its moves is under way; change-ID and move-ID say which.\n" +
      "verify: reads all rows of all shards, and exits with 1 where one is where it must not be.\n" +
      "rebuild-map: the map by what the shards own. add [NAME]: a new shard takes an even part of all\n" +
      "rows, from the pool or a provisioner. drain NAME: all of its rows go to the others. import FILE:\n" +
      "the configuration that the JSON of another system meant. plan: what the policies would do now, and\n" +
      "why. explain: what was measured of each shard, from where, and why the rest is unknown. record\n" +
      "FILE: keeps what is measured, until SIGINT; replay FILE asks the policies about that.",
    arguments: "TASK …",
    argumentChoices: () => SHARD_TASKS,
    options: [config, format, OPTIONS.moveSteps, OPTIONS.write],
    load: async () => (await import("./commands/shards/shards.ts")).shards,
  },
  {
    name: "digest",
    summary: "print the digests of SQL statements",
    details:
      'Reads statements, each ended by ";", from files or standard input (-), and prints a line for each:\n' +
      "its digest text; with --format json also hash, verb, tables and shape.",
    arguments: "[FILE…]",
    options: [query, format],
    load: async () => (await import("./commands/digest/digest.ts")).digestStatements,
  },
  {
    name: "grants",
    summary: "print the GRANT statements that the configuration needs",
    details:
      "SQL with the least privileges for each account: what the policies in force read, and their kills.\n" +
      "Connects nowhere. What only an armed database needs is a comment for one that is not. Of shards, the\n" +
      "accounts of the router and the coordinator, by server.",
    options: [config, flavor],
    load: async () => (await import("./commands/grants/grants.ts")).grants,
  },
  {
    name: "init",
    summary: "write commented example files to begin with",
    details:
      "Makes query-sniper.yaml, credentials.yaml and tests.yaml in DIR, else here. Overwrites nothing.",
    arguments: "[DIR]",
    options: [],
    load: async () => (await import("./commands/init/init.ts")).init,
  },
  {
    name: "version",
    summary: "tell version, commit, build and runtime",
    details: "Of a program that runs from its sources the commit and the build are unknown.",
    options: [OPTIONS.json],
    load: async () => (await import("./commands/version/version.ts")).version,
  },
  {
    name: "completions",
    summary: "print a script that completes command lines",
    details: 'bash: eval "$(query-sniper completions bash)", in ~/.bashrc\n' +
      "zsh:  source <(query-sniper completions zsh), in ~/.zshrc behind compinit\n" +
      "fish: query-sniper completions fish > ~/.config/fish/completions/query-sniper.fish",
    arguments: SHELLS.join("|"),
    argumentChoices: () => SHELLS,
    options: [],
    load: async () => (await import("./commands/completions/completions.ts")).completionsOf(COMMANDS),
  },
  {
    name: "help",
    summary: "explain a command or a topic",
    details: `Topics: ${TOPICS.map(({ name }) => name).join(", ")}.`,
    arguments: "[COMMAND|TOPIC]",
    argumentChoices: () => [...COMMANDS, ...TOPICS].map(({ name }) => name),
    options: [],
    load: async () => (await import("./commands/help/help_command.ts")).helpOf(COMMANDS),
  },
];
