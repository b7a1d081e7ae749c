import { assertEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { runProgram, startProgram } from "../program.ts";
import {
  appClients,
  assertCleanEnd,
  assertSpared,
  killsOf,
  linesOf,
  onEachFlavor,
  slowQuery,
  start,
  startSniper,
  writeConfig,
} from "../integration/fixture.ts";

const LONG = "policies: [{ name: long, where: \"user = 'app' and time > 300ms\", then: kill query }]";

await onEachFlavor("An installation that cannot kill", [
  ["check tells of a journal that cannot be written, makes none, and exits with 1", async ({ primary }) => {
    await using config = await writeConfig({
      rules: `${LONG}\njournal: later/j.sqlite`,
      databases: [primary],
    });
    const check = (...args: readonly string[]) => runProgram(["check", "-c", config.file, ...args]);
    const missing = await check();
    assertEquals(missing.code, 1, missing.stdout);
    const file = `${config.folder}/later/j.sqlite`;
    assertStringIncludes(
      missing.stdout,
      `the journal ${file} cannot be written, and without it nothing is killed: `,
    );
    assertStringIncludes(
      missing.stdout,
      "its folder cannot be written to: it does not exist: make its folder",
    );
    const report = JSON.parse((await check("--format", "json")).stdout);
    assertEquals([report.ok, report.held.length], [false, 1]);
    await Deno.mkdir(file, { recursive: true });
    const folder = await check();
    assertEquals(folder.code, 1, folder.stdout);
    assertStringIncludes(folder.stdout, `the journal ${file} cannot be written`);
    await Deno.remove(file);
    const fine = await check();
    assertEquals(fine.code, 0, fine.stdout);
    assertEquals(
      await Array.fromAsync(Deno.readDir(`${config.folder}/later`)),
      [],
      "the service makes it, as its own user",
    );
    assertEquals((await startProgram(["once", "-c", config.file]).ended).code, 0);
    assertEquals((await check()).code, 0, "one that is there");
    assertEquals((await check("--format", "json")).stdout.includes("held"), false);
  }],

  ["once exits with 1 where a kill was skipped because of the journal", async ({ primary }) => {
    await using config = await writeConfig({
      rules: `${LONG}\njournal: later/j.sqlite`,
      databases: [primary],
    });
    const args = ["once", "-c", config.file, "--log-format", "json"];
    await using app = await appClients(primary, 1);
    const spared = start(app.clients[0]!, slowQuery(120));
    await systemClock.sleep(500);
    const { code, stdout } = await startProgram(args).ended;
    assertEquals(killsOf(linesOf({ stdout })), [`journal ${spared.id}`]);
    assertEquals(code, 1, stdout);
    assertEquals(JSON.parse(linesOf({ stdout }).at(-1)!).errors, 1);
    await assertSpared(primary, spared);
    assertEquals((await startProgram(args).ended).code, 0, "where there was nothing to kill");
  }],

  [
    "a forgotten pause file is told by check, explain, the start and each heartbeat",
    async ({ flavor, primary }) => {
      await using config = await writeConfig({ rules: LONG, databases: [primary] });
      const file = `${config.folder}/pause`;
      await Deno.writeTextFile(file, "restore of orders,\nask Kim\n");
      const text = `kills are paused by the file ${file}: "restore of orders,\\nask Kim": remove it to go on`;
      const run = (...args: readonly string[]) => runProgram([args[0]!, "-c", config.file, ...args.slice(1)]);
      const checked = await run("check");
      assertEquals(checked.code, 1, checked.stdout);
      assertStringIncludes(checked.stdout, text);
      const explained = await run("explain");
      assertEquals(explained.code, 0, explained.stderr);
      assertStringIncludes(explained.stdout, `  ${text}\n`);
      assertEquals(JSON.parse((await run("explain", "--format", "json")).stdout).paused, text);
      // Quiet logs have it, too.
      await using sniper = startProgram([
        "run",
        "-c",
        config.file,
        "--log-format",
        "json",
        "--log-level",
        "warning",
      ]);
      const started = await sniper.event("the start", ({ event }) => event === "start");
      assertEquals([started["level"], started["paused"]], ["warning", "restore of orders,\nask Kim"]);
      // It comes once a minute, from the same code for both flavors.
      if (flavor === "mariadb") {
        const isBeat = ({ event }: { readonly event: string }) => event === "heartbeat";
        const beat = await sniper.event("a heartbeat", isBeat, { timeoutMs: 75_000 });
        assertEquals([beat["level"], beat["paused"]], ["warning", "restore of orders,\nask Kim"]);
      }
      assertCleanEnd(await sniper.stop());
      await Deno.remove(file);
      assertEquals((await run("check")).code, 0);
      assertEquals((await run("explain")).stdout.includes("paused"), false);
      const told = await startProgram(["once", "-c", config.file, "--log-format", "json"]).ended;
      assertEquals(JSON.parse(linesOf(told)[0]!).level, "info");
    },
  ],

  ["in a dry run the journal is no matter, and a pause is told all the same", async ({ primary }) => {
    await using sniper = await startSniper({
      mode: "dry-run",
      rules: `${LONG}\njournal: later/j.sqlite`,
      databases: [primary],
    });
    const started = await sniper.event("the start", ({ event }) => event === "start");
    assertEquals([started["level"], started["paused"]], ["info", undefined]);
    const file = `${sniper.folder}/query-sniper.yaml`;
    const fine = await runProgram(["check", "-c", file]);
    assertEquals(fine.code, 0, fine.stdout);
    await Deno.mkdir(`${sniper.folder}/later`);
    await Deno.writeTextFile(`${sniper.folder}/later/pause`, "");
    const paused = await runProgram(["check", "-c", file]);
    assertEquals(paused.code, 0, paused.stdout);
    assertStringIncludes(paused.stdout, `later/pause: "paused": remove it to go on`);
    assertCleanEnd(await sniper.stop());
  }],
], { alone: true });
