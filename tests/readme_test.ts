import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import project from "../deno.json" with { type: "json" };
import { COMMANDS } from "../src/cli/command.ts";
import { parseCommandLine } from "../src/cli/parse.ts";
import { VOCABULARY } from "../src/language/mod.ts";
import { outcomeEvent } from "../src/journal/mod.ts";
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
  assertEquals(samples("yaml").length, 3);
  for (const [config, account] of pairs) assertEquals(await validate(config, account), "");
});

Deno.test("the README names everything that the program knows", () => {
  const names = VOCABULARY.map(({ name }) => name);
  for (const name of [...names, ...COMMANDS.map(({ name }) => name)]) {
    assertStringIncludes(README, `\`${name}\``);
  }
  for (const [, task] of README.matchAll(/deno(?:@2)? task ([\w:]+)/g)) assert(task! in project.tasks, task);
});

Deno.test("the README's event has the keys of a real one", () => {
  const { decisions } = look(rules([policy({ when: "lag > 30s" })]), {
    health: { lag: 42_000 },
    sessions: [session({ sql: "SELECT * FROM t WHERE id = 4711" })],
  });
  const event = outcomeEvent("orders-replica", { decision: decisions[0]!, outcome: "killed", took_ms: 3.2 });
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
