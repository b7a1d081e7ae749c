import { assert, assertEquals } from "@std/assert";
import { compileExpression, misfitsOf } from "../../../src/language/mod.ts";
import { CLIENT_COMMANDS, COMMANDS } from "../../../src/mysql/vocabulary/commands.ts";
import { VOCABULARY } from "../../../src/mysql/vocabulary/vocabulary.ts";
import { problemsOf } from "../../language/subject.ts";

Deno.test("the vocabulary has each name once, in lower case, with its meaning", () => {
  const names = VOCABULARY.rows.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  for (const row of VOCABULARY.rows) {
    assertEquals(VOCABULARY.row(row.name), row);
    assert(/^[a-z][a-z_]*$/.test(row.name), row.name);
    assert(/^[^.]+[^.]$/.test(row.meaning), row.meaning);
  }
  assertEquals(VOCABULARY.row("constructor"), undefined);
  assertEquals(VOCABULARY.row("tag.route")?.name, "tag.route");
});

Deno.test("what columns say of a name goes together", () => {
  for (const row of [...VOCABULARY.rows, ...VOCABULARY.families]) {
    const { name, scope, type, values } = row;
    if (scope === "database") {
      const ofSessions = [
        row.costly,
        row.idle_value,
        row.known_while,
        row.harmless,
        row.released,
        row.private,
      ];
      assertEquals(ofSessions.filter((value) => value !== undefined), [], name);
    }
    for (const value of [row.harmless, row.released, row.standalone]) {
      if (value !== undefined) assertEquals(typeof value, type === "boolean" ? "boolean" : "number", name);
    }
    if (row.grows !== undefined) assertEquals(type, "duration", name);
    if (row.idle_value !== undefined && values !== undefined) assert(values.includes(row.idle_value), name);
    for (const value of row.selectable ?? []) assert(values?.includes(value), `${name} ${value}`);
    if (row.released !== undefined) assertEquals(row.harmless, row.released, name);
  }
});

Deno.test("the commands that a policy may select are those of clients", () => {
  const never = COMMANDS.filter((command) => {
    const compiled = compileExpression(`command = '${command}'`, {
      vocabulary: VOCABULARY,
      scope: "session",
      limits: new Map(),
    });
    assert(compiled.ok, command);
    return misfitsOf(compiled.expression).length > 0;
  });
  assertEquals([...never, ...CLIENT_COMMANDS].toSorted(), [...COMMANDS].toSorted());
});

Deno.test("names that people know from servers lead to those of the language", () => {
  const rows: readonly (readonly [source: string, near: string])[] = [
    ["seconds_behind_master > 30s", "did you mean lag?"],
    ["Info like 'a%'", "did you mean sql?"],
    ["query like 'a%'", "did you mean sql?"],
    ["age > 10s", "did you mean time?"],
    ["schema = 'a'", "did you mean db?"],
    ["connection_id = 5", "did you mean id?"],
    ["rows_examined > 5", "this is not read: `query-sniper help names` lists what is"],
    ["tables = 'a'", "this is not read: `query-sniper help names` lists what is"],
  ];
  for (const [source, near] of rows) {
    const [name] = source.split(" ");
    assertEquals(problemsOf(source), [`0: unknown name: ${name!.toLowerCase()} (${near})`]);
  }
});

Deno.test("what is told of names is true", () => {
  for (const [familiar, name] of VOCABULARY.familiar) {
    assertEquals(VOCABULARY.row(familiar), undefined, familiar);
    assertEquals(VOCABULARY.row(name)?.name, name);
  }
  for (const name of VOCABULARY.unread) {
    assertEquals([VOCABULARY.row(name), VOCABULARY.familiar.get(name)], [undefined, undefined]);
  }
});
