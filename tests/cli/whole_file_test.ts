import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { writeWhole } from "../../src/cli/whole_file.ts";

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function names(folder: string): Promise<readonly string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).toSorted();
}

Deno.test("a file is written as a whole, and nothing else is left", () =>
  inFolder(async (folder) => {
    const file = join(folder, "report.html");
    for (const text of ["one", "two"]) {
      await writeWhole(file, text);
      assertEquals([await Deno.readTextFile(file), await names(folder)], [text, ["report.html"]]);
    }
  }));

Deno.test("a folder is refused, and nothing is left beside it", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(join(folder, "reports"));
    await assertRejects(() => writeWhole(join(folder, "reports"), "one"), Error, "Is a directory");
    await assertRejects(() => writeWhole(join(folder, "nowhere", "report"), "one"), Deno.errors.NotFound);
    assertEquals(await names(folder), ["reports"]);
  }));

// Root who writes to /dev/null or /dev/stdout must not put a file there.
Deno.test("a pipe or a device is written to, and not replaced", () =>
  inFolder(async (folder) => {
    const pipe = join(folder, "pipe");
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    const [text] = await Promise.all([Deno.readTextFile(pipe), writeWhole(pipe, "one")]);
    assertEquals([text, (await Deno.stat(pipe)).isFifo], ["one", true]);
  }));

Deno.test("a link to a file stays a link", () =>
  inFolder(async (folder) => {
    const [file, link] = [join(folder, "2026.html"), join(folder, "latest.html")];
    await Deno.writeTextFile(file, "before");
    await Deno.symlink(file, link);
    await writeWhole(link, "one");
    assertEquals([await Deno.readTextFile(file), (await Deno.lstat(link)).isSymlink], ["one", true]);
    assertEquals(await names(folder), ["2026.html", "latest.html"]);
  }));
