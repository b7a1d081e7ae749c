import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TOPICS } from "../../src/cli/commands/help/topic.ts";
import { configFile, credentialsFile } from "../../src/config/mod.ts";
import type { JsonSchema } from "../../src/yaml/mod.ts";
import { EVENTS, levelOf, type PublicEvent, REPORTED_OUTCOMES } from "../../src/events/mod.ts";
import { VOCABULARY } from "../../src/mysql/mod.ts";
import { REASONS } from "../../src/policy/mod.ts";
import { KEYWORDS } from "../../src/language/token.ts";
import { runProgram } from "../program.ts";

async function help(topic: string): Promise<string> {
  const { code, stdout, stderr } = await runProgram(["help", topic]);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(stdout.split("\n").filter((line) => line.length > 100), []);
  return stdout;
}

/** The names in the first column of a table. */
function firstColumn(text: string): readonly string[] {
  return [...text.matchAll(/^ {2}(\S+) {2,}\S/gm)].map(([, name]) => name!);
}

Deno.test("help language tells every word of the language, and every unit", async () => {
  const text = await help("language");
  for (const word of [...KEYWORDS, "=", "!=", "<>", "<", "<=", ">", ">=", "limits.NAME"]) {
    assert(text.split(/[\s,()[\]]+/).includes(word), word);
  }
  for (const units of ["ms, s, m, h or d", "k, M or G", "KiB, MiB or GiB", "%"]) {
    assertStringIncludes(text, units);
  }
  assertStringIncludes(text, "unknown and false is false");
});

Deno.test("help names has every name of the vocabulary, with its type and meaning", async () => {
  const text = await help("names");
  const names = [
    ...VOCABULARY.rows.map(({ name }) => name),
    ...VOCABULARY.families.map(({ name }) => `${name}.KEY`),
    ...["cpu", "memory", "disk", "rows", "size", "qps", "connections"],
  ];
  assertEquals(firstColumn(text).toSorted(), names.toSorted());
  for (const { meaning, name } of VOCABULARY.rows) {
    assertStringIncludes(text.replaceAll(/\s+/g, " "), meaning, name);
  }
  assertStringIncludes(text, "  lag                  duration    what a reader");
  assertStringIncludes(text, "what the server is: 'mariadb' or 'mysql'\n");
  const [, costly = ""] = text.split("costly to read");
  assertEquals(
    VOCABULARY.rows.filter(({ name }) => firstColumn(costly).includes(name)),
    VOCABULARY.rows.filter((row) => row.costly),
  );
});

Deno.test("help events has every event, outcome and reason, with what is decided about it", async () => {
  const text = await help("events");
  const told = [EVENTS, REPORTED_OUTCOMES, REASONS].flatMap((table) => Object.keys(table));
  assertEquals(firstColumn(text).toSorted(), told.toSorted());
  assertMatch(text, /^ {2}unreachable +error +a database cannot be watched\b/m);
  assertStringIncludes(text, "  survived      error    the server accepted the kill, and it still runs");
  assertStringIncludes(text, "  budget             no   the kills of the database, or their share");
  assertStringIncludes(text, "  settle             yes  the policy waits for");
});

Deno.test("an event has the level that its row says", () => {
  const rows: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ event: "stop" }, "info"],
    [{ event: "start", sql: "raw" }, "warning"],
    [{ event: "unreachable" }, "error"],
    [{ event: "privilege", need: "identity" }, "warning"],
    [{ event: "privilege", need: "kill" }, "error"],
    [{ event: "gate", state: "closed" }, "info"],
    [{ event: "gate", state: "unknown" }, "warning"],
    [{ event: "kill", outcome: "killed" }, "warning"],
    [{ event: "kill", outcome: "survived" }, "error"],
    [{ event: "kill", outcome: "skipped" }, "info"],
    [{ event: "budget", state: "spent" }, "warning"],
    [{ event: "lease", state: "unavailable" }, "error"],
    [{ event: "journal", state: "recovered" }, "info"],
  ];
  for (const [event, level] of rows) {
    assertEquals(levelOf(event as unknown as PublicEvent), level, JSON.stringify(event));
    assert(EVENTS[event["event"] as PublicEvent["event"]].levels.some((each) => each === level));
  }
});

Deno.test("help config has every key of the two files", async () => {
  const text = await help("config");
  const told = new Set(firstColumn(text).map((path) => path.split(".").at(-1)));
  const keys = [configFile, credentialsFile].flatMap(({ schema }) => keysOf(schema));
  assert(keys.length > 40, `${keys.length} keys`);
  assertEquals(keys.filter((key) => !told.has(key)), []);
});

function keysOf(schema: JsonSchema): readonly string[] {
  const { properties = {}, items, additionalProperties, oneOf = [] } = schema;
  const inner = [...Object.values(properties), ...items ? [items] : [], ...oneOf];
  if (typeof additionalProperties === "object") inner.push(additionalProperties);
  return [...Object.keys(properties), ...inner.flatMap(keysOf)];
}

Deno.test("help lists the topics, and a name that is neither topic nor command has its nearest", async () => {
  const [{ stdout }, ...wrong] = await Promise.all([
    runProgram(["help"]),
    runProgram(["help", "evnts"]),
    runProgram(["help", "validate-conf"]),
    runProgram(["help", "names", "events"]),
  ]);
  for (const { name, summary } of TOPICS) assertStringIncludes(stdout, `  ${name.padEnd(8)}  ${summary}\n`);
  assertEquals(wrong.map(({ code, stdout, stderr }) => [code, stdout, stderr.split("\n")[0]]), [
    [2, "", 'query-sniper: neither a command nor a topic of help: "evnts" (did you mean "events"?)'],
    [
      2,
      "",
      'query-sniper: neither a command nor a topic of help: "validate-conf" (did you mean "validate-config"?)',
    ],
    [2, "", 'query-sniper: help takes one command or topic: "events"'],
  ]);
});
