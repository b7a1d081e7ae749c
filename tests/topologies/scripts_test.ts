// The scripts of the repository, by Debian's shellcheck.

import { assert } from "@std/assert";
import { ROOT } from "../program.ts";

Deno.test("shellcheck finds nothing in the scripts", async () => {
  const list = new Deno.Command("git", { args: ["ls-files"], cwd: ROOT });
  const files = new TextDecoder().decode((await list.output()).stdout).trim().split("\n");
  const texts = await Promise.all(files.map((file) => Deno.readTextFile(`${ROOT}${file}`).catch(() => "")));
  const scripts = files.filter((_, index) => /^#!.*\b(?:ba)?sh$/m.test(texts[index]!.split("\n", 1)[0]!));
  assert(scripts.includes(".ci/run") && scripts.length >= 8, scripts.join(" "));
  const { success, stdout } = await new Deno.Command("shellcheck", {
    args: ["--severity=warning", ...scripts],
    cwd: ROOT,
  }).output();
  assert(success, new TextDecoder().decode(stdout));
});
