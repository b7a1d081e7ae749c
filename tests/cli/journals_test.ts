import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { fillJournal } from "../journal/filled.ts";
import { runProgram } from "../program.ts";

Deno.test("a journal counts once, whatever names lead to it", async () => {
  const folder = await Deno.makeTempDir();
  const [file, link, other] = ["j.sqlite", "link.sqlite", "other.sqlite"].map((name) => join(folder, name));
  const report = (...files: readonly string[]) =>
    runProgram(["report", "--format", "json", "--since", "30d", "--journal", ...files], { cwd: folder });
  try {
    for (const each of [file!, other!]) fillJournal(each, { to: Date.now(), days: 2, perDay: 50 });
    await Deno.symlink(file!, link!);
    for (const second of [file!, "j.sqlite", "./j.sqlite", link!]) {
      const { code, stdout, stderr } = await report(file!, second);
      assertEquals([code, stdout], [2, ""], second);
      assertStringIncludes(stderr, `this journal is named twice: "${second}"`);
    }
    assertEquals((await report(file!, other!)).code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
