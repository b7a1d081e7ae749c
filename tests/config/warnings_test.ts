// Warnings of what is legal, and surely not what was meant.

import { assertEquals } from "@std/assert";
import { formatWarning } from "../../src/yaml/mod.ts";
import { loadConfig } from "../../src/config/mod.ts";
import { ROOT } from "../program.ts";
import { sample } from "../pages.ts";
import { Folder, IF_PRESENT } from "./folder.ts";

async function warningsOf(yaml: string, thorough = true): Promise<readonly string[]> {
  await using folder = await Folder.make({ "query-sniper.yaml": yaml });
  const { warnings } = await loadConfig(folder.file("query-sniper.yaml"), { ...IF_PRESENT, thorough });
  return warnings.filter(({ path }) => path !== "").map((warning) =>
    folder.relative(formatWarning(warning)).replace("query-sniper.yaml:", "")
  );
}

const ONE = "databases: [{ name: a, host: h }]\n";

/** Warnings of a file with these policies, one a line, for one database. */
function warningsOfPolicies(...policies: readonly string[]): Promise<readonly string[]> {
  return warningsOf(
    `limits: { long: 10s, short: 5s }\npolicies:\n${
      policies.map((each) => `  - { ${each} }\n`).join("")
    }${ONE}`,
  );
}

Deno.test("a policy that can never match gets a warning", async () => {
  const never = (where: string) => warningsOfPolicies(`name: x, where: "${where}", then: log`);
  const warning = (why: string) => [`3:23: policies[0].where: warning: this selects nobody, ever: "${why}"`];
  assertEquals(await never("running and idle"), warning("running and idle"));
  assertEquals(await never("time > 10s and time < 5s"), warning("time > 10s and time < 5s"));
  assertEquals(
    await never("time > limits.long and time < limits.short"),
    warning("time > limits.long (10s) and time < limits.short (5s)"),
  );
  assertEquals(await never("time < limits.long and time > limits.short"), []);
  assertEquals(
    await warningsOfPolicies("name: x, when: lag > 30s and lag < 10s, where: running, then: log"),
    ['3:22: policies[0].when: warning: this gate never opens: "lag > 30s and lag < 10s"'],
  );
});

Deno.test("limits are taken as they are for each database, and what all inherit is told once", async () => {
  const yaml = `
limits: { long: 10s, short: 5s }
policies:
  - { name: x, where: time > limits.short and time < limits.long, then: log }
  - { name: y, where: running and idle, then: log }
databases:
  - { name: a, host: h }
  - { name: b, host: h, limits: { long: 1s } }
  - { name: c, host: h, policies: { x: off, y: off } }
`;
  assertEquals(await warningsOf(yaml), [
    '4:23: policies[0].where: warning: this selects nobody, ever: "time > limits.short (5s) and time < limits.long (1s)"',
    '5:23: policies[1].where: warning: this selects nobody, ever: "running and idle"',
  ]);
  assertEquals(await warningsOf(yaml, false), [], "run and once look for none");
});

Deno.test("a share that never limits anything gets a warning, where it is written", async () => {
  const of = (budget: string, policy = "") =>
    warningsOf(
      `budget: { ${budget} }\npolicies: [{ name: x, where: time > 10s, then: kill query${policy} }]\n${ONE}`,
    );
  const why = (kills: number) =>
    `the budget allows ${kills} kills, and of these always ${kills} ("at_least"), so that this share limits nothing`;
  assertEquals(await of("share: 20%, kills: 5"), [`1:18: budget.share: warning: ${why(5)}: 20%`]);
  assertEquals(await of("share: 20%, kills: 9, at_least: 9"), [
    `1:18: budget.share: warning: ${why(9)}: 20%`,
  ]);
  assertEquals(await of("kills: 4", ", share: 10%"), [`2:67: policies[0].share: warning: ${why(4)}: 10%`]);
  for (
    const fine of ["share: 20%, kills: 6", "kills: 2", "share: 100%, kills: 2", "share: 20%, at_least: 29"]
  ) {
    assertEquals(await of(fine), [], fine);
  }
  assertEquals(await of("kills: 4", ", share: 100%"), []);
});

Deno.test("a share that a lower level makes idle is told at its own place, once", async () => {
  const yaml = `
budget: { share: 30% }
policies: [{ name: x, where: time > 10s, then: kill query }]
databases:
  - { name: a, host: h }
  - { name: b, host: h, budget: { kills: 3 } }
  - { name: c, host: h, budget: { kills: 3 } }
`;
  assertEquals(await warningsOf(yaml), [
    '2:18: budget.share: warning: the budget allows 3 kills, and of these always 3 ("at_least"), ' +
    "so that this share limits nothing: 30%",
  ]);
});

const BROAD = "name: broad, where: running and time > 10s, then: kill query";

/** Pairs of policies of which the second is never asked for a victim. */
const SHADOWED: readonly (readonly [earlier: string, later: string])[] = [
  [BROAD, "where: running and time > 10s, then: kill query"],
  [BROAD, "where: time > 10s and running and user = 'a', then: kill query"],
  [
    BROAD,
    "where: running and time > 1m, then: kill connection, rollback: any".replace(", rollback: any", ""),
  ],
  [BROAD, "when: lag > 30s, where: running and time > 1m, then: kill query"],
  [`${BROAD}, when: lag > 30s`, "when: lag > 1m, where: running and time > 1m, then: kill query"],
  [`${BROAD}, when: lag > 30s, for: 5s`, "when: lag > 30s, for: 10s, where: time > 1m, then: kill query"],
  [`${BROAD}, during: "08:00-20:00"`, 'during: "08:00-20:00", where: time > 1m, then: kill query'],
  [`${BROAD}, rollback: any`, "rollback: any, where: time > 1m, then: kill query"],
  ["name: broad, where: always, then: kill connection", "where: idle_time > 5s, then: kill connection"],
  [
    "name: broad, where: verb = 'alter' and running, then: kill query",
    "where: verb = 'alter' and time > 5s, then: kill query",
  ],
];

/** Pairs of which the second may still have its victims. */
const NOT_SHADOWED: readonly (readonly [earlier: string, later: string])[] = [
  [BROAD, "where: running and time > 5s, then: kill query"],
  [BROAD, "where: time > 10s, then: log"],
  [BROAD, "where: time > 10s, then: kill query, mode: dry-run"],
  ["name: broad, where: running, then: log", "where: running, then: kill query"],
  [`${BROAD}, mode: dry-run`, "where: time > 10s, then: kill query"],
  [`${BROAD}, victims: { limit: 1 }`, "where: time > 10s, then: kill query"],
  [`${BROAD}, settle: 5s`, "where: time > 10s, then: kill query"],
  [`${BROAD}, during: "08:00-20:00"`, "where: time > 10s, then: kill query"],
  [`${BROAD}, during: "08:00-20:00"`, 'during: "08:00-21:00", where: time > 10s, then: kill query'],
  [BROAD, "where: time > 10s, then: kill query, rollback: any"],
  [`${BROAD}, when: lag > 30s`, "where: time > 10s, then: kill query"],
  [`${BROAD}, when: lag > 30s`, "when: hll > 1M, where: time > 10s, then: kill query"],
  [`${BROAD}, when: lag > 30s, for: 5s`, "when: lag > 30s, where: time > 10s, then: kill query"],
  [`${BROAD}, when: lag > 30s`, "when: lag > 30s, until: lag < 5s, where: time > 10s, then: kill query"],
  ["name: broad, where: always, then: kill query", "where: idle_time > 5s, then: kill connection"],
  [BROAD, "where: time > 10s and verb = 'alter', then: kill query"],
];

Deno.test("a policy to which an earlier one leaves nothing gets a warning", async () => {
  for (const [earlier, later] of SHADOWED) {
    const found = await warningsOfPolicies(earlier, `name: later, ${later}`);
    const where = /where: ([^,]+),/.exec(later)![1];
    const words = `an earlier policy, "broad", decides over all that this one selects: "${where}"`;
    assertEquals(found.map((text) => text.replace(/^.*warning: /, "")).filter(isOfShadow), [words], later);
    assertEquals(found.find(isOfShadow)!.split(":")[0], "4", later);
  }
});

Deno.test("a policy that may still have its victims is left alone", async () => {
  for (const [earlier, later] of NOT_SHADOWED) {
    const found = await warningsOfPolicies(earlier, `name: later, ${later}`);
    assertEquals(found.filter(isOfShadow), [], `${earlier}; ${later}`);
  }
});

function isOfShadow(text: string): boolean {
  return text.includes("earlier policy");
}

Deno.test("a gate on replication gets a warning on the source of others, where nothing else opens it", async () => {
  const warningsWhen = (when: string, more = "") =>
    warningsOf(`
policies: [{ name: x, when: ${when}, where: running, then: log }]
databases:
  - { name: one, host: h${more} }
  - { name: two, host: h, source: one }
  - { name: three, host: h }
`);
  const warning = (does: string, when: string) => [
    `2:29: policies[0].when: warning: on "one", which is the source of others and names none, ` +
    `this gate ${does}: "${when}"`,
  ];
  assertEquals(await warningsWhen("lag > 30s"), warning("never opens", "lag > 30s"));
  assertEquals(await warningsWhen("lag_apply > 30s"), warning("never opens", "lag_apply > 30s"));
  assertEquals(
    await warningsWhen("not replication_running"),
    warning("is always open", "not replication_running"),
  );
  assertEquals(await warningsWhen("lag > 30s or hll > 1M"), [], "history opens it");
  assertEquals(await warningsWhen("replica and not replication_running or hll > 1M"), []);
  assertEquals(await warningsWhen("hll > 1M"), []);
  const other = warning("never opens", "lag > 30s").map((text) => text.replace('"one"', '"three"'));
  assertEquals(await warningsWhen("lag > 30s", ", source: three"), other, "it is a replica itself");
  assertEquals(
    await warningsOf(`
policies: [{ name: x, when: lag > 30s, where: running, then: log }]
databases:
  - { name: a, host: h }
  - { name: b, host: h, source: a }
  - { name: c, host: h }
  - { name: d, host: h, source: c }
`),
    [
      '2:29: policies[0].when: warning: on "a", "c", which are sources of others and name none, ' +
      'this gate never opens: "lag > 30s"',
    ],
  );
});

Deno.test("kill connection gets a warning for running statements, not for what transactions hold", async () => {
  const isWarned = async (where: string, more = "") =>
    (await warningsOfPolicies(`name: x, where: "${where}", then: kill connection${more}`)).length === 1;
  assertEquals(await warningsOfPolicies("name: x, where: running and user = 'a', then: kill connection"), [
    '3:53: policies[0].then: warning: this selects running statements only, and "kill query" would end them ' +
    'without their connections and transactions: "kill connection"',
  ]);
  assertEquals(await isWarned("time > 10s"), true);
  assertEquals(await isWarned("verb = 'select' and user = 'a'"), true);
  assertEquals(await isWarned("not idle"), true);
  for (
    const where of [
      "idle",
      "user = 'a'",
      "time > 10s or idle_time > 10s",
      "running and pins_purge",
      "running and blocking > 5",
      "running and transaction_time > 5m",
      "running and blocks_replication",
    ]
  ) assertEquals(await isWarned(where), false, where);
});

/** Warnings of one policy, without their places. */
async function warningsOfPolicy(policy: string): Promise<readonly string[]> {
  return (await warningsOfPolicies(`name: x, ${policy}`)).map((text) => text.replace(/^\S+ /, ""));
}

Deno.test("kill query on who holds something in a transaction gets a warning, where it does not go on", async () => {
  const warning = (where: string) => [
    'policies[0].then: warning: who holds this within a transaction keeps it after "kill query": with "escalate" the ' +
    `policy goes on to its connection, and "kill connection" ends it at once: "${where}"`,
  ];
  for (
    const where of [
      "blocking > 0 and not waiting",
      "blocking >= 5 or blocks_replication",
      "pins_purge",
      "running and transaction_time > 5m",
      "rows_modified > 0 and time > 10s",
      "rows_locked > limits.rows",
      "blocking != 0",
      "not transaction_time = 0s",
    ]
  ) {
    const policies = (more: string) =>
      `limits: { rows: 5k }\npolicies: [{ name: x, where: ${where}, ${more} }]\n${ONE}`;
    const found = await warningsOf(policies("then: kill query"));
    assertEquals(found.map((text) => text.replace(/^\S+ /, "")), warning(where), where);
    assertEquals(await warningsOf(policies("then: kill query, escalate: 10s")), [], where);
    assertEquals(await warningsOf(policies("then: kill connection")), [], where);
    assertEquals(await warningsOf(policies("then: log")), [], where);
  }
  for (
    const where of [
      "running and transaction_time = 0s",
      "blocking = 0 and time > 10s",
      "time > 10s",
      "not pins_purge and time > 1s",
    ]
  ) {
    assertEquals(await warningsOfPolicy(`where: ${where}, then: kill query`), [], where);
  }
});

Deno.test("a policy that selects everybody, or all but some, gets a warning", async () => {
  const everybody = (where: string) => [`policies[0].where: warning: this selects everybody: "${where}"`];
  for (const where of ["true", "always", "not false", "running or not running"]) {
    assertEquals(await warningsOfPolicy(`where: ${where}, then: kill query`), everybody(where));
    assertEquals(await warningsOfPolicy(`where: ${where}, then: kill connection`), everybody(where));
    assertEquals(await warningsOfPolicy(`where: ${where}, then: log`), []);
  }
  const but = (where: string) => [
    `policies[0].where: warning: without a gate this ends all sessions but those that it excludes: "${where}"`,
  ];
  for (
    const where of [
      "not user = 'x'",
      "user != 'x' and host not like '10.%'",
      "idle and not (user = 'x' or db in ('a'))",
      "user not in ('x') or user = 'y'",
    ]
  ) assertEquals(await warningsOfPolicy(`where: "${where}", then: kill connection`), but(where));
  for (
    const where of [
      "not user = 'x' and idle_time > 10m",
      "user = 'y'",
      "not (user != 'x')",
      "idle and user in ('a', 'b')",
      "not user = 'x' and blocking > 0",
    ]
  ) assertEquals(await warningsOfPolicy(`where: "${where}", then: kill connection`), [], where);
  assertEquals(await warningsOfPolicy("when: lag > 30s, where: not user = 'x', then: kill connection"), []);
});

Deno.test("a clause that stands alone beside and gets a warning, in where and protect", async () => {
  const words = '"and" binds closer than "or", so that this clause stands for itself: write parentheses';
  const where = "running and time > 10s and user = 'a' or user = 'b'";
  assertEquals(await warningsOfPolicy(`where: "${where}", then: log`), [
    `policies[0].where: warning: ${words}: "user = 'b'"`,
  ]);
  assertEquals(await warningsOf(`protect: ["idle or user = 'a' and running"]\n${ONE}`), [
    `1:11: protect[0]: warning: ${words}: "idle"`,
  ]);
  for (
    const where of [
      "running and time > 10s and (user = 'a' or user = 'b')",
      "(running and time > 10s) or user = 'b'",
      "running and user = 'a' or running and user = 'b'",
      "user = 'a' or user = 'b'",
    ]
  ) assertEquals(await warningsOfPolicy(`where: "${where}", then: log`), [], where);
});

Deno.test("victims beyond the budget, and a small number that nobody uses, get a warning", async () => {
  const rules = (budget: string) =>
    `budget: ${budget}\npolicies: [{ name: x, where: time > 5s, then: kill query, victims: { limit: 50 } }]\n${ONE}`;
  assertEquals(await warningsOf(rules("{ kills: 10 }")), [
    "2:68: policies[0].victims: warning: the budget allows fewer kills, 10 per 1m: 50",
  ]);
  assertEquals(await warningsOf(rules("{ kills: 50 }")), []);
  const limits = "limits: { query_time: 10, used: 5, hll: 1M, rollback_rows: 5, lag: 30s }\n";
  assertEquals(
    await warningsOf(`${limits}policies: [{ name: x, where: blocking > limits.used, then: log }]\n${ONE}`),
    ["1:23: limits.query_time: warning: no expression uses this limit, and it has no unit: 10"],
  );
});

Deno.test("nothing in the examples, the ready policies and the pages gets a warning", async () => {
  const policies = await Array.fromAsync(
    Deno.readDir(`${ROOT}config/policies`),
    ({ name }) => `policies/${name}`,
  );
  for (const file of ["query-sniper.yaml", ...policies]) {
    assertEquals(await warningsOf(await Deno.readTextFile(`${ROOT}config/${file}`)), [], file);
  }
  for (const yaml of [sample("first-policy"), sample("configuration")]) {
    assertEquals(await warningsOf(yaml), []);
  }
});

Deno.test("names of clients behind a proxy get a warning where no database of a policy is behind one", async () => {
  const file = (databases: string) =>
    "proxysql: { address: 127.0.0.1:6032 }\nprotect: [\"client_user = 'root'\"]\n" +
    "policies: [{ name: x, where: \"client_host = 'a' and running\", then: log }]\n" +
    `databases: [${databases}]\n`;
  const why = 'no database here says by "proxysql" what is in front of it, so this';
  assertEquals(await warningsOf(file("{ name: a, host: h }, { name: b, host: h2 }")), [
    `2:11: protect[0]: warning: ${why} protects everybody: client_user`,
    `3:30: policies[0].where: warning: ${why} is unknown: client_host`,
  ]);
  assertEquals(await warningsOf(file("{ name: a, host: h }, { name: b, host: h2, proxysql: proxysql }")), []);
});
