import { assertEquals } from "@std/assert";
import { compileExpression, misfitsOf } from "../../src/language/mod.ts";
import { VOCABULARY } from "../../src/mysql/mod.ts";

/** What is said of the texts of an expression: `!` surely, `?` most probably, `w` of `where` alone. */
function told(source: string): readonly string[] {
  const compiled = compileExpression(source, { vocabulary: VOCABULARY, scope: "session", limits: new Map() });
  if (!compiled.ok) throw new Error(`${source}: ${compiled.problems[0]!.message}`);
  return misfitsOf(compiled.expression).map(({ isDoubtful, isOfWhere, offset, message }) =>
    `${isDoubtful ? "?" : isOfWhere ? "w" : "!"} ${offset} ${message}`
  );
}

Deno.test("texts that a name never has are found, with what was meant", () => {
  const rows: readonly (readonly [source: string, message: string])[] = [
    [
      "host in ('10.0.0.0/8')",
      "! 9 host never has this value, it is an address without a network's mask: '10.0.0.0/8' (did you mean host like '10.%'?)",
    ],
    [
      "host = '10.0.0.5:3306'",
      "! 7 host never has this value, it has no port: '10.0.0.5:3306' (did you mean '10.0.0.5'?)",
    ],
    [
      "user like '^backup'",
      "! 10 user never has this value, these are signs of a regular expression, which \"matches\" takes: '^backup' (did you mean user matches '^backup'?)",
    ],
    [
      "user = 'backup@localhost'",
      "! 7 user never has this value, it is a name without a host: 'backup@localhost' (did you mean user = 'backup' and host = 'localhost'?)",
    ],
    [
      "user = \"'root'@'10.%'\"",
      "! 7 user never has this value, it is a name without a host: \"'root'@'10.%'\" (did you mean user = 'root' and host like '10.%'?)",
    ],
    [
      "digest = 'SELECT 1'",
      "! 9 digest never has this value, it is a hash such as v1:9f86d081884c7d65, which `query-sniper digest --format json` prints: 'SELECT 1'",
    ],
    [
      "digest = '9f86d081884c7d65'",
      "! 9 digest never has this value, it begins with its version: '9f86d081884c7d65' (did you mean 'v1:9f86d081884c7d65'?)",
    ],
    [
      "user in ('a', '${BACKUP}')",
      "! 14 user never has this value, variables are not replaced here: '${BACKUP}'",
    ],
    [
      "db = 'shop.orders'",
      "! 5 db never has this value, it is a schema, without a table: 'shop.orders' (did you mean 'shop'?)",
    ],
    [
      "sql like 'SELECT'",
      "! 9 sql never has this value, it is the text of a whole statement: 'SELECT' (did you mean sql like 'SELECT%'?)",
    ],
    [
      "state = 'sending data'",
      "! 8 state never has this value, states are compared exactly, only \"like\" ignores the case of letters: 'sending data' (did you mean 'Sending data'?)",
    ],
    [
      "command = 'Connect'",
      "w 10 command never has this value, no policy selects a session with this command: 'Connect'",
    ],
    [
      "user matches 'backup%'",
      '! 13 user never matches this, in a regular expression "%" is no wildcard, but for "like" it is: \'backup%\'',
    ],
  ];
  for (const [source, message] of rows) {
    assertEquals(told(source), [message.replaceAll("v1:", VERSION)], source);
  }
});

/** Of the hashes of this program. */
const VERSION = /v\d+:/.exec(told("digest = 'x'")[0]!)![0];

Deno.test("other texts of these kinds are found as well, in any polarity and place", () => {
  const sure = [
    ...["10.%/8", "10.0.0.5/32", "%:3306", "[::1]:3306", "localhost:3306"].map((text) =>
      `host like '${text}'`
    ),
    ...[
      "10.0.0",
      "10.0.0.256",
      "10.0.0.%",
      "*",
      "::0001",
      "FE80::1",
      "tcp://h",
      "a@b",
      "10.0.0.1-10.0.0.9",
      "a, b",
    ]
      .map((text) => `host = '${text}'`),
    ...[
      "back.*",
      "backup*",
      "app_[0-9]%",
      "(a|b)%",
      "a|b",
      "root@%",
      "backup ",
      "{{ user }}",
      "<user>",
      "'root'",
    ]
      .map((text) => `user like "${text}"`),
    ...["app%", "^app$", "`app`", "$USER", "x".repeat(129)].map((text) => `user = '${text}'`),
    ...["v0:9f86d081884c7d65", `${VERSION}123`, `${VERSION}9F86D081884C7D65`, "a".repeat(64), "a".repeat(32)]
      .map((text) => `digest = '${text}'`),
    ...["verb matches 'SELECT'", "verb like 'SELECTS'", "command like 'Querry'", "flavor matches 'Maria'"],
    ...[
      "sql = 'orders'",
      "sql like '^select%'",
      "program like '^mysqldump'",
      "db like 'shop.%'",
      "db = ' shop'",
    ],
    ...[
      "not user = 'a@b'",
      "host != '10.0.0.5:3306'",
      "running and (user = 'a' or not (host in ('a', 'b:1')))",
    ],
    "'a@b' = user",
  ];
  for (const source of sure) assertEquals(told(source).map(([mark]) => mark), ["!"], source);
  const doubtful = [
    ...["user = ''", "program = 'mysqldump '", "program = '${X}'", "state = 'Sending dtaa'"],
    "host matches '^10[.]0[.]0[.]0/8'",
  ];
  for (const source of doubtful) assertEquals(told(source).map(([mark]) => mark), ["?"], source);
});

Deno.test("texts that may well be there are left alone", () => {
  const fine = [
    ...["localhost", "10.0.0.5", "app-1.internal", "::1", "fe80::1", "db1", "3com.example"].map((text) =>
      `host = '${text}'`
    ),
    ...["10.0.0.%", "%.internal", "fe80:%", "%", "10.0.0.5"].map((text) => `host like '${text}'`),
    ...["app", "kim.j", "app-1", "svc$", "c++", "dba_kim", "日本"].map((text) => `user = '${text}'`),
    ...["app%", "dba\\_%", "%_batch"].map((text) => `user like '${text}'`),
    ...["^(a|b)$", "^backup", "a.*"].map((text) => `user matches '${text}'`),
    ...["db = ''", "digest = ''", `digest = '${VERSION}9f86d081884c7d65'`, `digest like '${VERSION}9f%'`],
    ...[
      "sql = 'COMMIT'",
      "sql like '%orders%'",
      "sql = 'select 1'",
      "sql like 'call p(%)'",
      "sql like '% where a = ''^%'",
    ],
    ...["state = 'Sending data'", "state = 'statistics'", "state like 'waiting%lock'", "state = ''"],
    ...[
      "command != 'Connect'",
      "command not in ('Binlog Dump', 'Daemon')",
      "not command = 'Daemon'",
      "command like 'query'",
    ],
    ...["verb like 'SEL%'", "verb matches '^sel'", "program = 'HeidiSQL (x)'", "program like '%dump%'"],
    ...["attribute._os = 'linux x86_64 [a]'", "tag.route = '/users/:id/*'", "user = db"],
  ];
  for (const source of fine) assertEquals(told(source), [], source);
});
