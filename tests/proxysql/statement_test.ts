import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import {
  DIGEST_COLUMNS,
  isPeerPlace,
  isSendable,
  literal,
  sendableComment,
  type Statement,
  STATEMENTS,
} from "../../src/proxysql/statement.ts";
import { ROOT } from "../program.ts";
import { sourceFiles } from "../source_files.ts";

/** What each statement may be made of: names and ids that hope to do harm. */
const ARGUMENTS: { readonly [K in keyof typeof STATEMENTS]?: Parameters<typeof STATEMENTS[K]> } = {
  variable: ["mysql-query_digests_max_digest_length"],
  digests: [DIGEST_COLUMNS],
  killConnection: [4_294_967_296],
  putPeer: [{ host: "core-0.core.svc", port: 6032, weight: 0, comment: "it's 'core-0'" }],
  dropPeer: [{ host: "fd00::1", port: 65_535 }],
  peersUpTo: [7],
  loadPart: ["mysql_query_rules"],
  runPart: ["admin_variables"],
  countServersAfter: [0],
  dropServersUpTo: [7],
  clients: [4_294_967_296],
  clientsPlain: [4_294_967_296],
};

/** What may change something: each in full, but for its values. */
const CHANGES = [
  /^PROXYSQL (?:PAUSE|RESUME|SHUTDOWN)$/,
  /^KILL CONNECTION \d+$/,
  /^TRUNCATE TABLE stats\.stats_mysql_query_digest$/,
  /^LOAD (?:PROXYSQL SERVERS|(?:ADMIN|MYSQL) VARIABLES|MYSQL (?:SERVERS|USERS|QUERY RULES)) (?:FROM CONFIG|TO RUNTIME)$/,
  /^REPLACE INTO proxysql_servers \(hostname, port, weight, comment\) VALUES \('[\w.:-]+', \d+, \d+, '(?:[^']|'')*'\)$/,
  /^DELETE FROM proxysql_servers WHERE hostname = '[\w.:-]*' AND port = \d+$/,
  /^DELETE FROM mysql_servers WHERE rowid <= \d+$/,
];

function all(): readonly (readonly [string, Statement])[] {
  return Object.entries(STATEMENTS).map(([name, make]) => {
    const given = ARGUMENTS[name as keyof typeof STATEMENTS] ?? [];
    return [name, (make as (...given: readonly unknown[]) => Statement)(...given)];
  });
}

Deno.test("no statement that can be sent is empty, has a semicolon or a comment, or resets digests", () => {
  const statements = all();
  assert(statements.length > 15);
  for (const [name, sql] of statements) {
    assert(sql.trim().length > 5, name);
    assert(!/;|--|\/\*|#/.test(sql), `${name}: ${sql}`);
    assert(!sql.toLowerCase().includes("digest_reset"), `${name}: ${sql}`);
    assert(!/to disk/i.test(sql), `${name}: ${sql}`);
    assert(/^SELECT /.test(sql) || CHANGES.some((change) => change.test(sql)), `${name}: ${sql}`);
  }
});

Deno.test("what would do harm is refused before it is sent, whatever it is made of", () => {
  const harmful = [
    "",
    " ",
    ";",
    "/* x */",
    "SELECT 1;",
    "SELECT ';'",
    "-- x",
    "SELECT 1 -- x",
    "SELECT 1 # x",
  ];
  const resets = ["SELECT * FROM stats_mysql_query_digest_reset", "SELECT 'STATS_MYSQL_QUERY_DIGEST_RESET'"];
  for (const sql of [...harmful, ...resets, "SAVE MYSQL DIGEST TO DISK", "SELECT\n1"]) {
    assert(!isSendable(sql), sql);
  }
  for (const name of ["a;b", "stats_mysql_query_digest_reset", "a\0b", "/*"]) {
    assertThrows(() => STATEMENTS.variable(name), TypeError);
  }
  for (const id of [-1, 1.5, NaN, 2 ** 53, Infinity]) {
    assertThrows(() => STATEMENTS.killConnection(id), TypeError);
    assertThrows(() => STATEMENTS.dropServersUpTo(id), TypeError);
    assertThrows(() => STATEMENTS.peersUpTo(id), TypeError);
  }
});

Deno.test("a core is named in a statement only by a host and a port that can be nothing else", () => {
  const row = { weight: 0, comment: "" };
  for (
    const host of ["10.0.0.1", "core-0", "core_0.ns.svc.cluster.local", "::1", "fd00::a:1", "::ffff:10.0.0.1"]
  ) {
    assert(isPeerPlace({ host, port: 6032 }), host);
    assertEquals(STATEMENTS.putPeer({ host, port: 1, ...row }).includes(`'${host}'`), true);
  }
  const bad = [
    "",
    " ",
    "a b",
    "a'b",
    "a''b",
    'a"b',
    "a;b",
    "-a",
    "a-",
    "xn--a",
    "a/*b",
    "a#b",
    "a\nb",
    "ä",
    "[::1]",
  ];
  for (const host of [...bad, ":", "1:2", "a:1", "a\\b", "a%b", "a".repeat(255), "localhost', 1) -- "]) {
    assert(!isPeerPlace({ host, port: 6032 }), host);
    assertThrows(() => STATEMENTS.putPeer({ host, port: 6032, ...row }), TypeError);
    assertThrows(() => STATEMENTS.dropPeer({ host, port: 6032 }), TypeError);
  }
  for (const port of [0, -1, 65_536, 1.5, NaN]) {
    assert(!isPeerPlace({ host: "a", port }));
    assertThrows(() => STATEMENTS.dropPeer({ host: "a", port }), TypeError);
  }
  assertThrows(() => STATEMENTS.putPeer({ host: "a", port: 1, weight: -1, comment: "" }), TypeError);
  for (const text of ["core-0", "", "it's", "ü"]) assertEquals(sendableComment(text), text);
  for (const text of ["a;b", "a--b", "/*", "#", "a\nb", "stats_mysql_query_digest_reset", "x".repeat(254)]) {
    assertEquals(sendableComment(text), "");
  }
});

Deno.test("values are quoted so that SQLite gives them back", () => {
  const database = new DatabaseSync(":memory:");
  for (const text of ["", "a", "it's", "''", "back\\slash", 'dq"', "ü", "' OR 1=1"]) {
    assertEquals(database.prepare(`SELECT ${literal(text)} AS v`).get()!["v"], text);
  }
  database.close();
});

Deno.test("nothing but src/proxysql/statement.ts writes statements, and nothing but the admin connection sends them", async () => {
  // The lock by which an agent leads is on a database, and its connection is not ProxySQL's.
  const elsewhere = "src/proxysql/agent/leader/named_lock.ts";
  const files = (await sourceFiles("src")).filter((file) =>
    file.startsWith("src/proxysql/") && file !== elsewhere
  );
  assert(files.length > 3, files.join());
  for (const file of files) {
    const text = await Deno.readTextFile(`${ROOT}${file}`);
    if (file !== "src/proxysql/admin.ts") {
      assert(!/\.query\(|\bas Statement\b/.test(text) || /statement\.ts$/.test(file), file);
    }
    if (!/statement\.ts$|digest_store\.ts$/.test(file)) {
      assert(
        !/["'`](?:SELECT|INSERT|REPLACE|DELETE|UPDATE|LOAD|SAVE|SET|KILL|TRUNCATE|PROXYSQL) /.test(text),
        file,
      );
    }
  }
});
