import { assertEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { Client, type Flavor, requireFlavors } from "../lab/mod.ts";
import { ROOT } from "../program.ts";
import { storyOf } from "../demo/events.ts";
import { sample } from "../pages.ts";
import {
  appClients,
  assertCleanEnd,
  type Case,
  killsOf,
  linesOf,
  onEachFlavor,
  runOnce,
  slowQuery,
  start,
} from "../integration/fixture.ts";

const HEADINGS: Readonly<Record<Flavor, string>> = { mysql: "-- MySQL", mariadb: "-- MariaDB" };

/** The statements that docs/privileges.md has for a flavor, for an account that can log in to the lab. */
function grants(flavor: Flavor): readonly string[] {
  const block = sample("grants").split("\n\n").find((block) => block.startsWith(HEADINGS[flavor]))!;
  const statements = block.replaceAll(/--.*$/gm, "").split(";").map((text) => text.trim());
  return statements.filter((text) => text !== "")
    .map((text) => text.replaceAll("'sniper'@'10.%'", "'reader'@'%'").replace("…", "reader"));
}

const CASES: readonly Case[] = [
  [
    "an account with the privileges of docs/privileges.md can do everything",
    async ({ primary, replica, flavor }) => {
      await using root = await Client.connect(primary);
      for (const statement of grants(flavor)) await root.query(statement);
      await using app = await appClients(primary, 1);
      const victim = start(app.clients[0]!, slowQuery(20));
      await systemClock.sleep(500);
      const result = await runOnce({
        rules: `
        policies:
          - name: all
            when: lag is known and hll is known and replica is known and read_only is known
            where: user = 'app' and time > 300ms
            then: kill query`,
        databases: [primary, replica],
        account: { user: "reader", password: "reader" },
      });
      assertCleanEnd(result);
      assertEquals(await victim.error, 1317);
      assertEquals(killsOf(result.stdout.trim().split("\n")), [`killed ${victim.id}`]);
      assertEquals(result.stdout.includes('"event":"privilege"'), false);
      await root.query("DROP USER 'reader'@'%'");
    },
  ],
];

await onEachFlavor("The pages", CASES);

for (const flavor of await requireFlavors()) {
  Deno.test(`The demo on ${flavor} keeps all that it promises`, async () => {
    const file = await Deno.makeTempFile();
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "demo", flavor],
      cwd: ROOT,
      env: { QUERY_SNIPER_DEMO_EVENTS: file },
    }).output();
    const events = linesOf({ stdout: await Deno.readTextFile(file) });
    await Deno.remove(file);
    const text = new TextDecoder().decode(stdout);
    assertEquals(code, 0, `${text}\n${new TextDecoder().decode(stderr)}`);
    assertEquals(
      text.match(/(?<=sniper +)(would kill|kills|spares) the \w+'s \w+ on the \w+/g),
      [
        "would kill the analyst's connection on the primary",
        "kills the analyst's connection on the primary",
        "kills the analyst's query on the replica",
        "spares the backup's connection on the primary",
      ],
      text,
    );
    assertStringIncludes(withoutNumbers(text), withoutNumbers(sample("demo-output")));
    // What is told is an interface: this is what it was before the house was built anew.
    const before = await Deno.readTextFile(`${ROOT}tests/fixtures/demo-events.${flavor}.jsonl`);
    assertEquals(storyOf(events.map((line) => JSON.parse(line))), before.trimEnd().split("\n"));
  });
}

/** A text in which every number is alike: they differ from one run to the next. */
function withoutNumbers(text: string): string {
  return text.replaceAll(/\d[\d.,]*/g, "N");
}
