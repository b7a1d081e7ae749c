import { assertEquals } from "@std/assert";
import { relative } from "node:path";
import { ROOT } from "./program.ts";

/** Who opens a secret, and for what. Whoever else does has to be looked at by a person, and named here. */
const READERS: Readonly<Record<string, string>> = {
  "actions/kill.ts": "compares a text with itself",
  "config/locate.ts": "finds a key again in its file",
  "database/connection.ts": "logs in",
  "journal/redact.ts": "makes digests of statements; their text only with log: { sql: raw }",
  "language/evaluate.ts": "evaluates conditions on sql",
  "language/explain.ts": "makes digest texts",
  "snapshot/alike.ts": "makes digests",
  "snapshot/statement_end.ts": "looks for functions that are interrupted without an error",
  "snapshot/statements.ts": "makes digests, reads tags",
  "snapshot/whole_text.ts": "compares a text with its beginning",
};

Deno.test("nobody opens passwords and statement texts but those who have to", async () => {
  const found = new Set<string>();
  for await (const file of files(`${ROOT}src`)) {
    const text = await Deno.readTextFile(file);
    if (/\.reveal\(\)/.test(text)) found.add(relative(`${ROOT}src`, file));
  }
  assertEquals([...found].toSorted(), Object.keys(READERS));
});

async function* files(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* files(path);
    else yield path;
  }
}
