// `query-sniper top` in a real terminal, on a real server.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { Client, type LabPair, requireFlavors, startPair } from "../lab/mod.ts";
import {
  appClients,
  assertSpared,
  INTERRUPTED,
  slowQuery,
  start,
  startSniper,
  writeConfig,
} from "../integration/fixture.ts";
import { programCommand, ROOT, runProgram } from "../program.ts";
import { startTmux, type Tmux, type TmuxOptions } from "./tmux.ts";

const RULES = `
  policies:
    - { name: long, when: threads_running > 0, where: "running and verb = 'select' and time > 1h", then: kill query }
    - { name: seen, where: "user = 'app'", then: log }
  protect: ["user = 'protected'"]
`;
const AWAY = "{ name: away, host: 127.0.0.1, port: 1 }";

type Case = readonly [name: string, run: (pair: LabPair) => Promise<void>];

/** Starts `top` in a terminal. */
async function startTop(file: string, { env = "", args = "", ...size }: TmuxOptions & {
  readonly env?: string;
  readonly args?: string;
} = {}): Promise<Tmux> {
  const tmux = await startTmux(size);
  await tmux.type(
    `clear; ${env} ${programCommand().join(" ")} top -c ${file} ${args}; echo "ended: $?"`,
    "Enter",
  );
  return tmux;
}

/** Demands that the program has ended, and the terminal is as it was. */
async function assertGivenBack(tmux: Tmux, code: number): Promise<string> {
  const screen = await tmux.shows("its end", (text) => text.includes(`ended: ${code}\n`));
  assertEquals(await tmux.ask("#{alternate_on} #{cursor_flag} #{wrap_flag}"), "0 1 1");
  await tmux.type("stty -a | tr ';' '\\n' | grep -c -- '-icanon\\|-echo \\|-isig'", "Enter");
  await tmux.shows("canonical input with echo and signals", (text) => /\n0\n/.test(text));
  return screen;
}

/** Opens the database that the cursor is on, and chooses the session with an id. */
async function choose(tmux: Tmux, id: number): Promise<void> {
  await tmux.shows("the sessions", (text) => text.includes("SESSION") && text.includes(String(id)));
  for (let tries = 0; tries < 20; tries++) {
    if (new RegExp(`^> +${id} `, "m").test((await tmux.screen()).join("\n"))) return;
    await tmux.type(tries % 4 === 0 ? "Home" : "Down");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`session ${id} cannot be chosen:\n${(await tmux.screen()).join("\n")}`);
}

const CASES: readonly Case[] = [
  [
    "the fleet is shown, the worst first, at every size, and the terminal is given back",
    async ({ primary }) => {
      await using apps = await appClients(primary, 1);
      const running = start(apps.clients[0]!, slowQuery(600));
      await using config = await writeConfig({ mode: "dry-run", rules: RULES, databases: [AWAY, primary] });
      await using tmux = await startTop(config.file);
      const hurt = (text: string) => /^2 databases, 1 hurt, 1 unreachable$/m.test(text);
      const screen = await tmux.shows("a hurt database", hurt);
      assertMatch(screen, new RegExp(`^> ${primary.name} +dry-run .*long open .*\\(dry run\\)$`, "m"));
      assertMatch(screen, /^ {2}away .* unreachable \d+s: /m);
      for (const [columns, rows] of [[40, 10], [120, 40], [20, 5]] as const) {
        await tmux.resize(columns, rows);
        const small = await tmux.shows("the sentence first", (text) => text.startsWith("2 databases, "));
        assert(small.split("\n").every((line) => line.length <= columns), small);
        assert(small.trimEnd().split("\n").at(-1)!.startsWith("? help"), small);
      }
      await tmux.resize(80, 24);
      await tmux.type("/");
      await tmux.type("away", "Enter");
      const filtered = await tmux.shows("one of them", (text) => text.includes("/away ? help"));
      assert(!filtered.includes(primary.name), filtered);
      await tmux.type("Escape", "q");
      await assertGivenBack(tmux, 0);
      await assertSpared(primary, running);
    },
  ],
  [
    "a session is killed by hand, beside the program that holds the lease, and the journal knows who did it",
    async ({ primary }) => {
      await using apps = await appClients(primary, 2);
      const [victim, other] = apps.clients.map((client) => start(client, slowQuery(600)));
      const text = { rules: RULES, databases: [primary] };
      await using service = await startSniper(text);
      await service.event("the lease", ({ event, state }) => event === "lease" && state === "held");
      const file = join(service.folder, "query-sniper.yaml");
      await using tmux = await startTop(file, { env: "SUDO_USER=ada USER=root" });
      await choose(tmux, victim!.id);
      await tmux.type("k");
      const asked = await tmux.shows(
        "the question",
        (text) => text.includes("other keys: leave it"),
      );
      assertMatch(asked, new RegExp(`^kill query on ${primary.name}: session ${victim!.id} of app@`, "m"));
      assertMatch(asked, /^select, v2:[0-9a-f]{16}: SELECT \? AS `note` /m);
      assert(!/\b4711\b/.test(asked), "no literal is shown");
      await tmux.type("y");
      await tmux.shows(
        "the outcome",
        (text) => text.includes(`kill query of session ${victim!.id}: killed in `),
      );
      assertEquals(await victim!.error, INTERRUPTED);
      await tmux.type("q");
      const end = await assertGivenBack(tmux, 0);
      assertStringIncludes(end, `${primary.name}: kill query of session ${victim!.id}: killed in `);
      const { stdout } = await runProgram([
        "history",
        "-c",
        file,
        "--policy",
        "(by hand)",
        "--format",
        "json",
      ]);
      const kills = stdout.trim().split("\n").map((line) => JSON.parse(line)).filter(({ event }) =>
        event === "kill"
      );
      assertEquals(
        kills.map((
          { policy, outcome, action, because, session },
        ) => [policy, outcome, action, because, session.id]),
        [[
          "(by hand)",
          "killed",
          "kill query",
          [{ expression: "by hand", left: "ada (as root)" }],
          victim!.id,
        ]],
      );
      await assertSpared(primary, other!);
    },
  ],
  ["an idle session loses its connection; what changed since the question is spared", async ({ primary }) => {
    await using apps = await appClients(primary, 2);
    const [idle, busy] = apps.clients as [Client, Client];
    await Promise.all([idle.query("SELECT 1"), busy.query("SELECT 1")]);
    await using config = await writeConfig({ rules: RULES, databases: [AWAY, primary] });
    await using tmux = await startTop(config.file);
    await tmux.shows(
      "the armed one is hurt, and so the first",
      (text) => /^> .* enforce .*long open/m.test(text),
    );
    await tmux.type("Enter");
    await choose(tmux, busy.id);
    await tmux.type("k");
    await tmux.shows("the question", (text) => text.includes("y: kill connection of session"));
    await busy.query("SELECT 2");
    await tmux.type("y");
    await tmux.shows(
      "that it was spared",
      (text) => text.includes("something else runs there by now"),
    );
    assertEquals((await busy.query("SELECT 3 AS three"))[0]?.["three"], 3);
    await choose(tmux, idle.id);
    await tmux.type("k");
    await tmux.shows(
      "the question",
      (text) => text.includes(`session ${idle.id} of`) && text.includes("y: kill connection"),
    );
    await tmux.type("n");
    await tmux.shows("that it was left alone", (text) => text.includes("Nothing was killed"));
    await tmux.type("k");
    await tmux.shows("the question", (text) => text.includes("y: kill connection"));
    // To leave the database does not take the connection from under a kill.
    await tmux.type("y", "Escape");
    await tmux.shows("the outcome", (text) => text.includes(`kill connection of session ${idle.id}: killed`));
    await tmux.type("q");
    const end = await assertGivenBack(tmux, 0);
    assertStringIncludes(end, `${primary.name}: kill connection of session ${idle.id}: killed`);
  }],
  [
    "what is protected, in dry run, paused, or cannot be written down is refused with its reason",
    async ({ primary }) => {
      await using root = await Client.connect(primary);
      await root.query("CREATE USER protected@'%' IDENTIFIED BY 'app'");
      try {
        await using client = await Client.connect(primary, { user: "protected", password: "app" });
        const running = start(client, slowQuery(600));
        const rules = RULES.replace("where: \"user = 'app'\"", "where: \"user in ('app', 'protected')\"");
        const attempts: readonly (readonly [string, Parameters<typeof writeConfig>[0], string])[] = [
          ["", { rules, databases: [primary] }, "a condition of `protect` holds; user = 'protected'"],
          [
            "",
            { rules: rules.replace(/protect: .*/, ""), mode: "dry-run", databases: [primary] },
            "this database is in dry run",
          ],
          [
            "pause",
            { rules: rules.replace(/protect: .*/, ""), databases: [primary] },
            "kills are paused by the file",
          ],
          [
            "list",
            { rules: rules.replace(/protect: .*/, ""), databases: [primary] },
            'kills are paused: "deploy',
          ],
          [
            "",
            { rules: `\n  journal: off${rules.replace(/protect: .*/, "")}`, databases: [primary] },
            "the configuration has no journal",
          ],
          [
            "journal",
            { rules: rules.replace(/protect: .*/, ""), databases: [primary] },
            "the journal cannot be written",
          ],
        ];
        for (const [obstacle, text, reason] of attempts) {
          await using config = await writeConfig(text);
          if (obstacle === "pause") await Deno.writeTextFile(join(config.folder, "pause"), "deploy");
          if (obstacle === "list") {
            const pause = {
              database: primary.name,
              reason: "deploy",
              by: "ada",
              at: new Date().toISOString(),
            };
            await Deno.writeTextFile(join(config.folder, "pause.json"), JSON.stringify({ pauses: [pause] }));
          }
          if (obstacle === "journal") await Deno.mkdir(join(config.folder, "query-sniper.sqlite"));
          await using tmux = await startTop(config.file, { columns: 200 });
          await choose(tmux, running.id);
          await tmux.type("k");
          const screen = await tmux.shows(
            reason,
            (text) => text.includes(`Session ${running.id} is not killed: `),
          );
          assertStringIncludes(screen, reason);
          await tmux.type("y");
        }
        await assertSpared(primary, running);
      } finally {
        await root.query("DROP USER protected@'%'");
      }
    },
  ],
  [
    "SIGTERM, SIGINT and SIGHUP give the terminal back, and NO_COLOR leaves out all colors",
    async ({ primary }) => {
      await using config = await writeConfig({ rules: RULES, databases: [AWAY, primary] });
      for (const signal of ["TERM", "INT", "HUP"]) {
        await using tmux = await startTop(config.file, { env: "NO_COLOR=1" });
        await tmux.shows("the fleet", (text) => text.startsWith("2 databases, "));
        assertEquals(await tmux.ask("#{alternate_on} #{cursor_flag}"), "1 0");
        const pid = await tmux.ask("#{pane_pid}");
        const { stdout } = await new Deno.Command("ps", { args: ["-o", "pid=", "--ppid", pid] }).output();
        Deno.kill(
          Number(new TextDecoder().decode(stdout).trim().split("\n")[0]),
          `SIG${signal}` as Deno.Signal,
        );
        await assertGivenBack(tmux, 0);
      }
    },
  ],
];

for (const flavor of await requireFlavors()) {
  Deno.test(`top on ${flavor}`, async (t) => {
    await using pair = await startPair(flavor, { alone: true });
    for (const [name, run] of CASES) await t.step(name, () => run(pair));
  });
}

Deno.test("an exception, wherever it comes from, gives the terminal back", async (t) => {
  for (const [way, code] of [["throws", 1], ["rejects", 1], ["timer", 1], ["exits", 3]] as const) {
    await t.step(way, async () => {
      await using tmux = await startTmux();
      const program = `${Deno.execPath()} run --quiet --allow-all ${ROOT}tests/topologies/crashing_screen.ts`;
      await tmux.type(`clear; ${program} ${way}; echo "ended: $?"`, "Enter");
      await tmux.shows("a whole screen", (text) => text.includes("a whole screen"));
      const screen = await assertGivenBack(tmux, code);
      assert(!screen.includes("a whole screen"), "the screen from before is shown again");
      if (way !== "exits") assertStringIncludes(screen, "made to fail");
    });
  }
});
