import { assert, assertEquals } from "@std/assert";
import * as original from "./sample.ts";
import { type Mutant, Sources } from "./sources.ts";

const FILE = "tests/mutants/sample.ts";
const SOURCES = new Sources([FILE]);
const { text, mutants } = SOURCES.switched(FILE);

/** The sample with its switches, one of them on; 0 is none. */
async function changed(mutant: number): Promise<typeof original> {
  const code =
    `globalThis.mutant = (id) => id === globalThis.mutantOn;\nglobalThis.mutantOn = ${mutant};\n${text}`;
  return await import(`data:application/typescript,${encodeURIComponent(`${code}\n// ${mutant}`)}`);
}

/** What the sample does, by all that it is given. */
function behavior({ NAMES, sideOf, described }: typeof original): string {
  const notes: string[] = [];
  return JSON.stringify([
    [...NAMES],
    [-1, 0, 1, 2, 0].map((count) => sideOf(count, notes) ?? null),
    notes,
    sideOf(0) ?? null,
    [{}, { side: "left" }, { more: [] }, { side: "right", more: [] }].map((each) => described(each as never)),
  ]);
}

const shown = (mutant: Mutant) => SOURCES.shown(mutant).split("\n")[2]!.replace("  + ", "");

Deno.test("a source with all its switches off does what it did", async () => {
  assertEquals(behavior(await changed(0)), behavior(original));
});

Deno.test("each switch makes a change of what the sample does, but for one that nobody could notice", async () => {
  const before = behavior(original);
  const unnoticed: string[] = [];
  for (const mutant of mutants) {
    if (behavior(await changed(mutant.id)) === before) unnoticed.push(shown(mutant));
  }
  assertEquals(unnoticed, ["const all = { ...side && { side }, ...{} };"]);
});

Deno.test("one thing is changed at a time, of each kind that there is", () => {
  const lines = mutants.map(shown);
  const expected = [
    'export const NAMES: ReadonlySet<string> = new Set(["left", ...[]]);',
    'if (count <= 0) notes.push("below");',
    'if (count >= 0) notes.push("below");',
    'if (true) notes.push("below");',
    'if (count < 1) notes.push("below");',
    'if (count < 0) notes.push("");',
    "else ;",
    "if (notes.length > 1 || count === 0) return undefined;",
    "if (notes.length > 1 && count !== 0) return undefined;",
    'return count >= 1 ? "right" : "right";',
    "const all = { ...{}, ...more && { more } };",
    'return Object.keys(all).join() || "nothing";',
    'return Object.keys(all).filter((name) => name === "more").join() || "nothing";',
    'return Object.keys(all).filter((name) => name !== "more").join() && "nothing";',
  ];
  for (const line of expected) assert(lines.includes(line), `${line}\nis none of\n${lines.join("\n")}`);
  assertEquals(mutants.filter(({ file }) => file !== FILE), []);
});

Deno.test("what the type checker refuses is no mutant", () => {
  const [first] = mutants;
  const { start, end } = first!;
  assert(SOURCES.compiles({ ...first!, start, end, replacement: '"other"' }));
  assert(!SOURCES.compiles({ ...first!, start, end, replacement: "5" }));
});
