import { assertEquals } from "@std/assert";
import { problemsOf, required } from "./folder.ts";

const ONE = "databases: [{ name: a, host: h }]\n";
const LAGS = "policies: [{ name: x, when: lag > limits.lag, where: running, then: log }]\n";

/** Main files with mistakes that others seem to follow from, and what alone should be said of them. */
const ROWS: readonly (readonly [yaml: string, ...problems: string[]])[] = [
  [`limits: { lag: 0s }\n${LAGS}${ONE}`, '1:16: limits.lag: expected more than zero: "0s"'],
  [
    `limits: { Lag: 30s }\n${LAGS}${ONE}`,
    '1:11: limits.Lag: a limit is named in lower case letters, digits and underscores: "Lag"',
  ],
  [
    `limits: []\n${LAGS}${ONE}`,
    "1:9: limits: expected a mapping of names, each to a number with its unit: found a list",
  ],
  [
    `${LAGS}databases: [{ name: a, host: h, limits: { lag: 1s } }, { name: b, host: h, limits: { lag: 0s } }]\n`,
    '2:91: databases[1].limits.lag: expected more than zero: "0s"',
  ],
  [
    "groups: { g: text }\ndatabases: [{ name: a, host: h, group: g }]\n",
    "1:14: groups.g: expected a mapping of keys: found a text",
  ],
  [
    "groups: text\ndatabases: [{ name: a, host: h, group: g }]\n",
    "1:9: groups: expected a mapping of names, each to a mapping of keys: found a text",
  ],
  [
    "databases: [{ name: a, host: h, policies: { x: { wher: running, then: log } } }]\n",
    '1:50: databases[0].policies.x.wher: unknown key: "wher" (did you mean "where"?)',
  ],
  [
    "databases: [{ name: a, host: h, policies: { x: { where: '', then: log } } }]\n",
    "1:57: databases[0].policies.x.where: expected a condition such as running and time > 10s: it is empty",
  ],
  [
    "policies: [{ name: x, wher: running, then: log }]\n" +
    "databases: [{ name: a, host: h, policies: { x: { for: 1s } } }]\n",
    '1:23: policies[0].wher: unknown key: "wher" (did you mean "where"?)',
  ],
  [
    "policies: [{ nam: x, where: running, then: log }]\n" +
    "databases: [{ name: a, host: h, policies: { x: off } }]\n",
    '1:14: policies[0].nam: unknown key: "nam" (did you mean "name"?)',
  ],
  [
    "policies: { x: off }\ndatabases: [{ name: a, host: h, policies: { x: off } }]\n",
    "1:11: policies: expected a list, each item a mapping of keys: found a mapping",
  ],
  [
    "groups: { g: { policies: { x: text } } }\n" +
    "databases: [{ name: a, host: h, group: g, policies: { x: { for: 1s } } }]\n",
    '1:31: groups.g.policies.x: expected "off" or a mapping of keys: "text"',
  ],
  [
    "databases: [{ name: a, hots: h }]\n",
    '1:24: databases[0].hots: unknown key: "hots" (did you mean "host"?)',
  ],
  [
    "databases: [{ name: a, host:h }]\n",
    '1:24: databases[0].host:h: unknown key: "host:h" (did you mean "host"?)',
  ],
];

Deno.test("loadConfig() reports one mistake once, and nothing that follows from it", async () => {
  for (const [yaml, ...problems] of ROWS) {
    const found = await problemsOf({ "query-sniper.yaml": yaml });
    assertEquals(found, problems.map((problem) => `query-sniper.yaml:${problem}`), yaml);
  }
});

Deno.test("loadConfig() still reports what does not follow from another mistake", async () => {
  const yaml =
    `${LAGS}databases: [{ name: a, host: h, limits: { lag: 0s } }, { name: b, host: h, group: c }]\n`;
  assertEquals(await problemsOf({ "query-sniper.yaml": yaml }), [
    'query-sniper.yaml:2:48: databases[0].limits.lag: expected more than zero: "0s"',
    'query-sniper.yaml:2:83: databases[1].group: no group has this name: "c"',
  ]);
});

Deno.test("loadConfig() checks policies where there are no databases", async () => {
  const yaml = "policies: [{ name: x, where: tme > 1s, then: log }]\n";
  assertEquals(await problemsOf({ "query-sniper.yaml": yaml }), [
    'query-sniper.yaml:1:1: a key is missing: "databases" or "include" or "proxysql"',
    "query-sniper.yaml:1:30: policies[0].where: unknown name: tme (did you mean time?)",
  ]);
});

Deno.test("loadConfig() blames no account for a database whose name is wrong", async () => {
  const files = {
    "query-sniper.yaml": "databases: [{ nam: orders, host: h }]\n",
    "credentials.yaml": "databases: { orders: { user: a, password: b } }\n",
  };
  assertEquals(await problemsOf(files, required()), [
    'query-sniper.yaml:1:15: databases[0].nam: unknown key: "nam" (did you mean "name"?)',
  ]);
});

Deno.test("loadConfig() says at once that two files are too open, and what else is wrong", async () => {
  const files = {
    "query-sniper.yaml": ONE,
    "credentials.yaml": {
      text: "default: { user: a, password_file: pw }\ndatabases: { a: { user: a, password: x, y: z } }\n",
      mode: 0o644,
    },
    pw: { text: "x", mode: 0o666 },
  };
  assertEquals(await problemsOf(files, required()), [
    "credentials.yaml: other users have access to this file (mode 0644), run: chmod 600 credentials.yaml",
    "credentials.yaml:1:36: default.password_file: other users have access to this file (mode 0666), " +
    "run: chmod 600 pw",
    "credentials.yaml:2:41: databases.a.***: unknown key (not shown: it may be part of a password)",
  ]);
});
