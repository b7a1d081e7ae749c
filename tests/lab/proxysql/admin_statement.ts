// What an admin session answers to a statement, as seen on a real ProxySQL 2.7.2.

import { refusal, type Reply } from "./packet.ts";
import type { ProxyState } from "./proxy_state.ts";
import { CONFIGURED, MAIN_TABLES, PROCESSLIST, STATS_TABLES } from "./tables.ts";

/** Who asks. */
export interface AdminUser {
  readonly user: string;
  /** Whether it may do more than read statistics. */
  readonly admin: boolean;
}

/** The word that empties the digests wherever it stands in a statement, for anybody. */
const RESET = /stats_mysql_query_digest_reset/i;

const OK: Reply = { kind: "ok" };

/** The answer to a statement. */
export function answer(sql: string, who: AdminUser, proxy: ProxyState): Reply {
  const reply = answerStatement(sql, who, proxy);
  if (RESET.test(sql)) proxy.tables.exec("DELETE FROM stats_mysql_query_digest");
  return reply;
}

function answerStatement(sql: string, who: AdminUser, proxy: ProxyState): Reply {
  if (sql.trim() === "") return refusal("not an error");
  const statement = firstOf(sql);
  // An empty statement behind a semicolon, or one of comments only, ends the real one.
  if (statement === "") return { kind: "crash" };
  proxy.refresh();
  for (const [pattern, reply] of SPECIAL) {
    const match = pattern.exec(statement);
    const found = match === null ? undefined : reply(match, { who, proxy });
    if (found !== undefined) return found;
  }
  return bySqlite(statement, who, proxy);
}

/** The first statement, without the comments before it: the real one runs no other. */
function firstOf(sql: string): string {
  const text = sql.replace(/^(?:\s|\/\*[^]*?\*\/|--[^\n]*\n|#[^\n]*\n)+/, "");
  const end = /^(?:[^;'"]|'(?:[^']|'')*'|"(?:[^"]|"")*")*/.exec(text)![0].length;
  return (text[end] === ";" ? text.slice(0, end) : text).trim();
}

function one(name: string, value: string | null, more: object = {}): Reply {
  return { kind: "rows", columns: [{ name, ...more }], rows: [[value]] };
}

interface Asked {
  readonly who: AdminUser;
  readonly proxy: ProxyState;
}

type Special = readonly [pattern: RegExp, reply: (match: RegExpExecArray, asked: Asked) => Reply | undefined];

/** What only an administrator may do; for others SQLite answers, which does not know it. */
const forAdmin = (reply: Special[1]): Special[1] => (match, asked) =>
  asked.who.admin ? reply(match, asked) : undefined;

const LONGLONG = { type: 8, charset: 63 };

const SPECIAL: readonly Special[] = [
  [/^select @@version_comment(?: limit 1)?$/i, (_, { proxy }) => {
    if (proxy.kind === "admin") return one("'(ProxySQL Admin Module)'", "(ProxySQL Admin Module)");
    return one("@@version_comment", proxy.kind === "traffic" ? "(ProxySQL)" : "MySQL Community Server - GPL");
  }],
  [
    /^select (?:version\(\)|@@version)(?:\s*,.*)?$/i,
    (match, { proxy }) =>
      one(/version\(\)/i.test(match[0]) ? "version()" : "@@version", proxy.variable("admin-version")!),
  ],
  [/^select @@[\w.]+\s*,/i, () => refusal('near ",": syntax error')],
  [
    /^select @@global\.read_only(?: read_only)?$/i,
    () => one("@@global.read_only", "0", { ...LONGLONG, flags: 1 }),
  ],
  [/^select (@@[\w.]+)(?: limit 1)?$/i, ([, name], { proxy }) => {
    const value = proxy.variable(name!.slice(2));
    return { kind: "rows", columns: [{ name: name! }], rows: value === undefined ? [] : [[value]] };
  }],
  [/^select database\(\)$/i, (_, { who }) => one("DATABASE()", who.admin ? "admin" : "stats")],
  [/^select connection_id\(\)$/i, () => one("CONNECTION_ID()", "0")],
  [
    /^select ((?:current_)?user\(\))$/i,
    ([, name], { who }) => one(name!.toLowerCase(), `${who.user}@127.0.0.1`),
  ],
  [
    /^select global_checksum\(\)$/i,
    forAdmin((_, { proxy }) => one("CHECKSUM", proxy.checksum(), { ...LONGLONG, flags: 161 })),
  ],
  [/^(?:use \w+$|begin|commit|rollback|start transaction)\b|^set (?:names|autocommit)\b/i, () => OK],
  [
    /^set (?:session |global )?([\w@.-]+)\s*=\s*(.*)$/i,
    ([, name, value], { proxy }) =>
      proxy.setVariable(name!, value!.replace(/^'(.*)'$/, "$1"))
        ? { kind: "ok", affectedRows: 1 }
        : { kind: "ok", info: `ERROR: Unknown global variable: '${name}'.` },
  ],
  [/^show databases$/i, () => ({
    kind: "rows",
    columns: ["seq", "name", "file"].map((name) => ({ name })),
    rows: ["main", "disk", "stats", "monitor", "stats_history"].map((name, at) => [
      String(at === 0 ? 0 : at + 1),
      name,
      name === "disk" ? "/var/lib/proxysql/proxysql.db" : "",
    ]),
  })],
  [/^show tables(?: from (\w+))?$/i, ([, schema]) => ({
    kind: "rows",
    columns: [{ name: "tables" }],
    rows: (schema === "stats" ? Object.keys(STATS_TABLES) : MAIN_TABLES).map((name) => [name]),
  })],
  [/^show (?:global )?variables like '([^']*)'$/i, ([, pattern], { who, proxy }) =>
    bySqlite(
      `SELECT variable_name AS Variable_name, variable_value AS Value FROM global_variables ` +
        `WHERE variable_name LIKE '${pattern}' ORDER BY variable_name`,
      who,
      proxy,
    )],
  [/^show mysql status$/i, (_, { who, proxy }) =>
    bySqlite(
      "SELECT Variable_Name AS Variable_name, Variable_Value AS Value FROM stats_mysql_global ORDER BY 1",
      who,
      proxy,
    )],
  [/^show (full )?processlist$/i, ([, full], { who, proxy }) => {
    const columns = full === undefined
      ? ["SessionID", "user", "db", "hostgroup", "command", "time_ms", "info"]
      : PROCESSLIST;
    return bySqlite(`SELECT ${columns.join(", ")} FROM stats_mysql_processlist`, who, proxy);
  }],
  [/^load (\w+(?: \w+)*) from config$/i, forAdmin(([, what], { proxy }) => proxy.loadFromConfig(what!))],
  [
    /^(?:load (\w+(?: \w+)*) (to) (?:runtime|run)|(?:load|save) (\w+(?: \w+)*) (?:to|from) (?:disk|memory))$/i,
    forAdmin(([, what, runtime, other], { proxy }) => proxy.load(what ?? other!, runtime !== undefined)),
  ],
  [
    /^proxysql (pause|resume|shutdown|readonly|readwrite)(?: slow)?$/i,
    forAdmin(([, verb], { proxy }) => proxy.command(verb!.toLowerCase())),
  ],
  [
    /^kill connection (\w+)$/i,
    forAdmin(([, id], { proxy }) => {
      const number = /^\d+$/.test(id!) ? id! : "0";
      return proxy.killSession(Number(number)) ? OK : refusal(`Unknown thread id: ${number}`);
    }),
  ],
  [
    /^truncate (?:table )?(?:stats\.)?stats_mysql_query_digest$/i,
    forAdmin((_, { proxy }) => ({
      kind: "ok",
      affectedRows: proxy.emptyDigests(),
    })),
  ],
  [/^select count\(\*\)$/i, () => undefined],
];

/** Everything else is SQLite's. */
function bySqlite(statement: string, who: AdminUser, proxy: ProxyState): Reply {
  const plain = statement.replace(/\b(?:stats|main|monitor)\.(?=\w)/g, "");
  const hidden = who.admin ? undefined : hiddenTable(plain);
  if (hidden !== undefined) return refusal(`no such table: ${hidden}`);
  try {
    const prepared = proxy.tables.prepare(plain);
    prepared.setReadBigInts(true);
    const names = prepared.columns().map(({ name }) => name ?? "");
    if (names.length === 0) return written(plain, who, proxy);
    const rows = prepared.all().map((row) =>
      names.map((name) => {
        const value = row[name];
        return value === null || value === undefined ? null : String(value);
      })
    );
    return { kind: "rows", columns: names.map((name) => ({ name })), rows };
  } catch (error) {
    return refusal((error as Error).message);
  }
}

function written(statement: string, { admin }: AdminUser, proxy: ProxyState): Reply {
  if (!admin || proxy.isReadOnly || proxy.follows !== undefined) {
    return refusal("attempt to write a readonly database");
  }
  const { changes } = proxy.tables.prepare(statement).run();
  return { kind: "ok", affectedRows: Number(changes) };
}

/** A table that somebody who may read statistics only does not see. */
function hiddenTable(statement: string): string | undefined {
  const named = [...statement.matchAll(/\b(?:from|join)\s+(\w+)/gi)].map(([, name]) => name!);
  return named.find((name) =>
    /^runtime_/.test(name) || name in CONFIGURED || (MAIN_TABLES.includes(name) && !(name in STATS_TABLES))
  );
}
