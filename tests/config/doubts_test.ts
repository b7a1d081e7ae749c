// Warnings of what is legal, and surely not what was meant.

import { assertEquals } from "@std/assert";
import { formatWarning, loadConfig } from "../../src/config/mod.ts";
import { ROOT } from "../program.ts";
import { samples } from "../readme.ts";
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

Deno.test("a policy that can never match is doubted", async () => {
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

Deno.test("a policy to which an earlier one leaves nothing is doubted", async () => {
  for (const [earlier, later] of SHADOWED) {
    const found = await warningsOfPolicies(earlier, `name: later, ${later}`);
    const where = /where: ([^,]+),/.exec(later)![1];
    const words = `an earlier policy, "broad", decides over all that this one selects: "${where}"`;
    assertEquals(found.map((text) => text.replace(/^.*warning: /, "")).filter(isOfShadow), [words], later);
    assertEquals(found[0]!.split(":")[0], "4", later);
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

Deno.test("a gate on replication is doubted on the source of others, where nothing else opens it", async () => {
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

Deno.test("kill connection is doubted for running statements, not for what transactions hold", async () => {
  const doubted = async (where: string, more = "") =>
    (await warningsOfPolicies(`name: x, where: "${where}", then: kill connection${more}`)).length === 1;
  assertEquals(await warningsOfPolicies("name: x, where: running and user = 'a', then: kill connection"), [
    '3:53: policies[0].then: warning: this selects running statements only, and "kill query" would end them ' +
    'without their connections and transactions: "kill connection"',
  ]);
  assertEquals(await doubted("time > 10s"), true);
  assertEquals(await doubted("verb = 'select' and user = 'a'"), true);
  assertEquals(await doubted("not idle"), true);
  for (
    const where of [
      "idle",
      "always",
      "user = 'a'",
      "time > 10s or idle_time > 10s",
      "running and pins_purge",
      "running and blocking > 5",
      "running and transaction_time > 5m",
      "running and blocks_replication",
    ]
  ) assertEquals(await doubted(where), false, where);
});

Deno.test("kill query of holders of locks is doubted, unless their connections follow", async () => {
  const doubted = async (where: string, more = "then: kill query") =>
    (await warningsOfPolicies(`name: x, where: "${where}", ${more}`)).some((text) =>
      text.includes("and not the transaction that holds the locks")
    );
  assertEquals(await doubted("blocking > 5 and not waiting"), true);
  assertEquals(await doubted("blocks_replication"), true);
  assertEquals(await doubted("blocking > 5 and not waiting", "then: kill query, escalate: 5s"), false);
  assertEquals(await doubted("blocking > 5", "then: kill connection"), false);
  assertEquals(
    await doubted("waiting and verb = 'alter' and blocking > 5"),
    false,
    "it lets go of its place",
  );
  assertEquals(await doubted("waiting and blocking > 5"), false);
  assertEquals(await doubted("pins_purge and time > 10s"), false, "a read may end with its statement");
});

Deno.test("nothing in the examples, the ready policies and the README is doubted", async () => {
  const policies = await Array.fromAsync(
    Deno.readDir(`${ROOT}config/policies`),
    ({ name }) => `policies/${name}`,
  );
  for (const file of ["query-sniper.yaml", ...policies]) {
    assertEquals(await warningsOf(await Deno.readTextFile(`${ROOT}config/${file}`)), [], file);
  }
  for (const yaml of samples("yaml").slice(0, 2)) assertEquals(await warningsOf(yaml), []);
});
