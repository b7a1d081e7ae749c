import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { shards } from "../../src/cli/commands/shards/shards.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import { writeGroup } from "../shards/write_group.ts";

const CONFIG = `databases: [{ name: a, host: 127.0.0.1, port: 1 }, { name: b, host: 127.0.0.1, port: 1 }]
sharding: { metadata: a, schema: shop, tables: { users: { key: id } }, shards: [a, b] }
`;

function said(...args: readonly string[]): Promise<readonly [code: number, stderr: string]> {
  return saidOf(CONFIG, args);
}

async function saidOf(
  text: string,
  args: readonly string[],
): Promise<readonly [code: number, stderr: string]> {
  await using config = await writeGroup(text, { user: "u", password: "p" });
  const warned: string[] = [];
  const terminal = {
    environment: () => undefined,
    print: (...lines: readonly string[]) => assertEquals(lines, []),
    warn: (...lines: readonly string[]) => void warned.push(...lines),
  };
  try {
    const parsed = parseCommandLine(["shards", ...args, "-c", config.file]);
    assert(parsed.kind === "command");
    return [await shards(parsed.invocation, terminal), warned[0]!];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return [2, error.message];
  }
}

Deno.test("shards says what a task is told, and takes no option of another task", async () => {
  const cases: readonly (readonly [args: readonly string[], words: string])[] = [
    [
      ["mvoe"],
      "shards is told: list, check, init, move, moves, pause, resume, abort, verify, rebuild-map, add, drain, import, " +
      'plan, explain, record, replay: "mvoe" (did you mean "move"?)',
    ],
    [["move"], "shards move is told FROM TO SLOTS: FROM is missing"],
    [["move", "a", "b"], "SLOTS is missing"],
    [["move", "a", "b", "0-1024"], 'SLOTS are such as 0-511,600: "0-1024"'],
    [["move", "a", "b", "0", "more"], 'shards move takes nothing more: "more"'],
    [["abort"], "shards abort is told ID: ID is missing"],
    [["check", "--write"], "shards check has no option --write"],
    [["rebuild-map", "--dry-run"], "shards rebuild-map has no option --dry-run"],
    [["resume", "1", "--dry-run"], "shards resume has no option --dry-run"],
  ];
  for (const [args, words] of cases) {
    const [code, stderr] = await said(...args);
    assertStringIncludes(stderr, words);
    assertEquals(code, 2, stderr);
  }
});

Deno.test("a name of no database, and a server that is not there, are told without a stack trace", async () => {
  assertEquals(await said("move", "a", "c", "0"), [1, 'query-sniper: no database has this name: "c"']);
  for (const args of [["move", "a", "b", "0"], ["moves"], ["verify"], ["rebuild-map"]]) {
    const [code, stderr] = await said(...args);
    assertEquals([code, stderr.includes("nothing listens there")], [1, true], stderr);
  }
  // The configuration is dry-run.
  for (const args of [["pause", "1"], ["abort", "1"], ["rebuild-map", "--write"]]) {
    assertEquals(await said(...args), [
      1,
      "query-sniper: nothing was written: sharding.mode is dry-run: set sharding.mode to enforce",
    ]);
  }
});

Deno.test("no move is begun while changes are paused", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/pause`, "deploy\n");
    const text = `${
      CONFIG.replace("sharding: {", "sharding: { mode: enforce,")
    }journal: { file: ${folder}/journal.db }\n`;
    const [code, words] = await saidOf(text, ["move", "a", "b", "0"]);
    assertEquals(code, 1);
    assertStringIncludes(words, "query-sniper: no move is begun: changes are paused: ");
    await Deno.remove(`${folder}/pause`);
    assertStringIncludes((await saidOf(text, ["move", "a", "b", "0"]))[1], "nothing listens there");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what needs no server that was added asks nobody who was", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let connections = 0;
  const counting = (async () => {
    for await (const connection of listener) {
      connections++;
      connection.close();
    }
  })();
  try {
    const text = CONFIG.replaceAll("port: 1 ", `port: ${listener.addr.port} `);
    const [code, stderr] = await saidOf(text, ["replay", "/there/is/none"]);
    assertEquals([code, connections], [2, 0], stderr);
    const [refused] = await saidOf(text, ["add", "b"]);
    // It asks that itself, once.
    assertEquals([refused, connections], [1, 1]);
    // That somebody would have been asked is seen by this.
    await saidOf(text, ["verify"]);
    assert(connections > 1);
  } finally {
    listener.close();
    await counting;
  }
});
