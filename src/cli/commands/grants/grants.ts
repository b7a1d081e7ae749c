import { addressText, type Config, type DatabaseConfig, type ProxysqlConfig } from "../../../config/mod.ts";
import {
  accountOf,
  ANY_HOST,
  type Flavor,
  FLAVOR_NOTES,
  FLAVORS,
  type Grant,
  grantsFor,
  type Need,
  settingsFor,
  tasksOf,
} from "../../../mysql/mod.ts";
import { printable } from "../../../text/control.ts";
import { actionOf, modeOf } from "../../../policy/mod.ts";
import { findConfigFile, readConfig } from "../../config_file.ts";
import type { Run, Terminal } from "../../invocation.ts";
import { paragraph } from "../../table.ts";
import { shardSection } from "./shard_grants.ts";

/** `query-sniper grants`. */
export const grants: Run = async (invocation, terminal) => {
  const file = await findConfigFile(invocation, terminal);
  const config = await readConfig(file, "if-present", withoutPasswords(terminal));
  if (config === undefined) return 2;
  const chosen = invocation.options.get("flavor");
  const flavors = FLAVORS.filter((flavor) => chosen === undefined || flavor === chosen);
  terminal.print(
    ...heading(config),
    ...flavors.flatMap((flavor) => ["", ...section(flavor, config), ...spaced(shardSection(flavor, config))]),
    ...config.proxies.flatMap((proxy) => ["", ...proxySection(proxy, config)]),
  );
  return 0;
};

/**
 * The person who runs GRANT rarely has the passwords. A missing one does not matter here: only the user name is
 * needed.
 */
function withoutPasswords(terminal: Terminal): Terminal {
  return { ...terminal, environment: (name) => terminal.environment(name) ?? "" };
}

function heading({ file }: Config): readonly string[] {
  return [
    ...comment(`The least privileges for ${printable(file)}: run on each server what stands under its name.`),
    ...comment(
      `'${ANY_HOST}' is any host: put the one there that Query Sniper connects from, or its network.`,
    ),
  ];
}

function spaced(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", ...lines];
}

/** Groups databases that need the same privileges. */
function section(flavor: Flavor, { databases }: Config): readonly string[] {
  const { servers, older, managed } = FLAVOR_NOTES[flavor];
  const blocks = Map.groupBy(databases, (database) => JSON.stringify(block(flavor, database)));
  const kills = databases.some((database) => killsOf(database) !== "never");
  return [
    ...comment(`==== ${servers} ====`),
    ...comment(older),
    ...kills ? comment(managed) : [],
    ...[...blocks.values()].flatMap((same) => [
      "",
      ...comment(same.map(({ name }) => name).join(", ")),
      ...block(flavor, same[0]!),
    ]),
  ];
}

function block(flavor: Flavor, database: DatabaseConfig): readonly string[] {
  const { account, rules, heartbeat } = database;
  const user = account?.user ?? "sniper";
  const tasks = tasksOf(database);
  // Few policies ask who defines routines, but all depend on what a routine runs.
  const needs: ReadonlySet<Need> = tasks.size === 0 ? tasks : new Set([...tasks, "definers"]);
  if (needs.size === 0) return comment("no policy is in force here: nothing is needed");
  const grantsOf = (needs: Iterable<Need>) => grantsFor({ flavor, user, needs, heartbeat });
  const kills = killsOf(database);
  const now = [...needs].filter((need) => need !== "kill" || kills === "now");
  return [
    ...account === undefined
      ? comment("which account it is cannot be read here: 'sniper' stands in its place")
      : [],
    `-- CREATE USER IF NOT EXISTS ${accountOf(user)} IDENTIFIED BY '…' WITH MAX_USER_CONNECTIONS 5;`,
    ...grantsOf(now).flatMap((grant) => statement(grant)),
    ...kills === "once armed"
      ? grantsOf(["kill"]).flatMap((grant) => statement(grant, "only with mode: enforce, "))
      : [],
    ...settingsFor({ flavor, needs }).flatMap(({ statement, meanings }) =>
      comment(`once on the server, to ${meanings.join("; to ")}: ${statement}`)
    ),
    ...Object.keys(rules.metrics).flatMap((name) =>
      comment(`for metric.${name}: SELECT on what its sql reads`)
    ),
  ];
}

/** What an administrator runs on a ProxySQL. Its lists of accounts are replaced as a whole: what is there is kept by hand. */
function proxySection(proxy: ProxysqlConfig, { databases }: Config): readonly string[] {
  const { name, address, admin, stats } = proxy;
  const behind = databases.filter(({ proxysql }) => proxysql?.includes(name)).map(({ name }) => name);
  const known = admin !== undefined || stats !== undefined;
  const of = (purpose: string, list: string, user: string | undefined) =>
    user === undefined ? [] : [
      ...comment(`to ${purpose}; what SELECT @@admin-${list} shows now stays in front:`),
      `SET admin-${list}='…;${printable(user).replaceAll("'", "''")}:…';`,
    ];
  return [
    ...comment(`==== ProxySQL ${name} (${addressText(address)}), on its admin interface ====`),
    ...behind.length === 0 ? [] : comment(`in front of ${behind.join(", ")}`),
    ...known
      ? []
      : comment("which accounts these are cannot be read here: 'stats' and 'admin' stand for them"),
    ...of("read sessions, health and digests", "stats_credentials", known ? stats?.user : "stats"),
    ...of(
      `change something there${behind.length === 0 ? "" : ": to end the sessions of clients"}`,
      "admin_credentials",
      known ? admin?.user : "admin",
    ),
    "LOAD ADMIN VARIABLES TO RUNTIME;",
    "SAVE ADMIN VARIABLES TO DISK;",
    ...behind.length === 0 ? [] : [
      ...comment("to tell whose connections are, by the server's own ids:"),
      "SET mysql-show_processlist_extended=1;",
      "LOAD MYSQL VARIABLES TO RUNTIME;",
      "SAVE MYSQL VARIABLES TO DISK;",
    ],
  ];
}

/** Whether a policy of the database kills. */
function killsOf({ rules: { mode, policies, domain } }: DatabaseConfig): "never" | "once armed" | "now" {
  const killing = policies.filter(({ then }) => actionOf(domain.actions, then).acts_on !== null);
  if (killing.length === 0) return "never";
  return killing.some((policy) => modeOf({ mode }, policy) === "enforce") ? "now" : "once armed";
}

/** A statement that only some setups need is commented out too. */
function statement({ statement, meanings }: Grant, condition = ""): readonly string[] {
  return [
    ...comment(`${condition}to ${meanings.join("; to ")}:`),
    `${condition === "" ? "" : "-- "}${statement};`,
  ];
}

function comment(text: string): readonly string[] {
  return paragraph(text, "-- ");
}
