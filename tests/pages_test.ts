import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import project from "../deno.json" with { type: "json" };
import { COMMANDS } from "../src/cli/command.ts";
import { parseCommandLine } from "../src/cli/parse.ts";
import type { JsonSchema } from "../src/yaml/json_schema.ts";
import { PUBLISHED } from "./config/published.ts";
import { TOPICS } from "../src/cli/topic.ts";
import { EFFECTS, SESSION_VARIABLES } from "../src/mysql/mod.ts";
import { FAMILIES, VOCABULARY } from "../src/language/mod.ts";
import { EVENTS, outcomeEvent, redact, type ToldEvent } from "../src/events/mod.ts";
import { Folder } from "./config/folder.ts";
import { look, policy, rules, session } from "./policy/fixture.ts";
import { ROOT, runProgram } from "./program.ts";
import { README, samples } from "./readme.ts";

Deno.test("the README's configurations are valid, and so are the examples in config/", async () => {
  const [first, main, credentials] = samples("yaml") as [string, string, string];
  const example = (name: string) => Deno.readTextFile(join(ROOT, "config", name));
  const pairs = [
    [first, "default: { user: sniper, password: x }"],
    [main, credentials],
    [await example("query-sniper.yaml"), await example("credentials.yaml")],
  ] as const;
  // The other two are tests of policies, and the gallery, which have tests of their own.
  assertEquals(samples("yaml").length, 5);
  for (const [config, account] of pairs) assertEquals(await validate(config, account), "");
});

Deno.test("the README names everything that the program knows", () => {
  const names = [...COMMANDS, ...TOPICS, ...VOCABULARY].map(({ name }) => name);
  const families = FAMILIES.map(({ name }) => name === "metric" ? "metric.NAME" : `${name}.KEY`);
  const options = COMMANDS.flatMap(({ options }) => options.map(({ name }) => `--${name}`));
  const missing = [
    ...[...names, ...families, ...Object.keys(EVENTS)].filter((name) => !README.includes(`\`${name}\``)),
    ...options.filter((option) => !README.includes(`\`${option}`)),
  ];
  assertEquals([...new Set(missing)], []);
  for (const [, task] of README.matchAll(/deno(?:@2)? task ([\w:]+)/g)) assert(task! in project.tasks, task);
});

Deno.test("the README's reference has every key of the configuration", () => {
  const [, reference = ""] = /^## Configuration$(.*?)^## /ms.exec(README) ?? [];
  const { "tests.schema.json": ofTests, ...ofConfiguration } = PUBLISHED;
  const keys = new Set(Object.values(ofConfiguration).flatMap(keysIn));
  assert(keys.has("give_up_after") && keys.has("password_file"), [...keys].join(" "));
  const missingIn = (text: string, keys: Iterable<string>) =>
    [...keys].filter((key) => !new RegExp(`\\b${key}:|\`${key}\``).test(text));
  assertEquals(missingIn(reference, keys), []);
  assertEquals(missingIn(README, keysIn(ofTests!)), []);
});

Deno.test("the README lists every session variable that is set, with its value", () => {
  for (const [effect, meaning] of Object.entries(EFFECTS)) {
    const settings = SESSION_VARIABLES.filter((variable) => variable.effect === effect).map(
      ({ name, value }) => {
        if (value === undefined) return `\`${name}\``;
        return `\`${name} = ${typeof value === "string" && value !== "DEFAULT" ? `'${value}'` : value}\``;
      },
    );
    assertStringIncludes(README, `\n| ${meaning} | ${settings.join(", ")} |\n`);
  }
  for (const { name, reason } of SESSION_VARIABLES) assert(reason.length > 5, name);
});

Deno.test("the README's tests of policies say what the README says that they say", async () => {
  const [, config = ""] = samples("yaml");
  const tests = samples("yaml").find((text) => text.includes("\ntests:\n"))!;
  await using folder = await Folder.make({ "query-sniper.yaml": config, "impacted.test.yaml": tests });
  const { stdout, stderr } = await runProgram(["test", "impacted.test.yaml"], { cwd: folder.path });
  assertEquals(stderr, "");
  assert(samples("text").includes(stdout), stdout);
});

/** The names of all keys that a schema knows. */
function keysIn(schema: JsonSchema): readonly string[] {
  const { properties = {}, items, additionalProperties, oneOf = [], anyOf = [] } = schema;
  const inner = [...Object.values(properties), items, additionalProperties || undefined, ...oneOf, ...anyOf];
  return [
    ...Object.keys(properties),
    ...inner.flatMap((schema) => schema === undefined ? [] : keysIn(schema)),
  ];
}

Deno.test("the README's event has the keys of a real one", () => {
  const { decisions } = look(rules([policy({ when: "lag > 30s" })]), {
    health: { lag: 42_000 },
    sessions: [session({ sql: "SELECT * FROM t WHERE id = 4711" })],
  });
  const event = redact(
    outcomeEvent("orders-replica", { decision: decisions[0]!, outcome: "killed", took_ms: 3.2 }),
    "digest",
  ) as Extract<ToldEvent, { readonly event: "kill" }>;
  const sample = JSON.parse(samples("json")[0]!);
  assertEquals(keysOf(sample), keysOf({ at: "", level: "", ...event }));
  assertEquals(keysOf(sample.session), keysOf(event.session));
  assertEquals(keysOf(sample.statement), keysOf(event.statement!));
  assertEquals(event.statement!.digest_text, sample.statement.digest_text);
});

Deno.test("the README shows the cron line and the unit that are in config/, and both can be run", async () => {
  const cron = samples("sh")[1]!.trim();
  assertStringIncludes(await Deno.readTextFile(join(ROOT, "config/query-sniper.cron")), cron);
  const unit = samples("ini")[0]!.trim().split("\n")[1]!;
  assertStringIncludes(await Deno.readTextFile(join(ROOT, "config/query-sniper.service")), unit);
  for (const line of [cron, unit]) {
    const words = line.replace(/ >>.*/, "").split("/query-sniper ").at(-1)!.split(" ");
    assertEquals(parseCommandLine(words).kind, "command", line);
  }
});

function keysOf(value: object): readonly string[] {
  return Object.keys(value);
}

/** What is wrong with a configuration, by the program itself. */
async function validate(config: string, credentials: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "query-sniper.yaml");
    await Deno.writeTextFile(file, config);
    await Deno.writeTextFile(join(folder, "credentials.yaml"), credentials, { mode: 0o600 });
    const { code, stderr } = await runProgram(["validate-config", file], { env: { SNIPER_PASSWORD: "x" } });
    return code === 0 ? stderr : `${code}: ${stderr}`;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
