// SECURITY.md names a test for each threat: it has to be there.

import { assert, assertEquals } from "@std/assert";
import { ROOT } from "./program.ts";

/** Whether a file has a test, or a case of one, of this name; what a template fills in may be anything. */
function hasTest(source: string, name: string): boolean {
  if (source.includes(JSON.stringify(name))) return true;
  return [...source.matchAll(/Deno\.test\(`([^`]+)`/g)].some(([, template]) => {
    const parts = template!.split(/\$\{(?:[^{}]|\{[^}]*\})*\}/);
    let at = 0;
    return parts.every((part) => (at = name.indexOf(part, at)) >= 0);
  });
}

Deno.test("each threat in SECURITY.md has a test that is there", async () => {
  const text = await Deno.readTextFile(`${ROOT}SECURITY.md`);
  const rows = text.split("\n").filter((line) => line.startsWith("| ") && !/^\| (?:threat|---)/.test(line));
  assert(rows.length >= 20, `${rows.length} rows`);
  const missing: string[] = [];
  for (const row of rows) {
    const [, file, name] = /^\| [^|]+ \| [^|]+ \| `(tests\/[\w/]+\.ts)`: ([^|]+) \|$/.exec(row) ?? [];
    const source = file === undefined ? "" : await Deno.readTextFile(`${ROOT}${file}`).catch(() => "");
    if (name === undefined || !hasTest(source, name)) missing.push(row);
  }
  assertEquals(missing, []);
});

Deno.test("a test that is named otherwise is not there", () => {
  const source = 'Deno.test("a b", f);\nDeno.test(`hostile ${name.map((x) => { return x; })} get it`, f);';
  assertEquals(
    ["a b", "hostile things get it", "a", "hostile things", "get it hostile"].map((name) =>
      hasTest(source, name)
    ),
    [
      ...[true, true],
      ...[false, false, false],
    ],
  );
});
