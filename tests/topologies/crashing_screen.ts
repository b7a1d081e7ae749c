// A program that takes a whole screen and then fails, in the way that its argument names: run by `top_test.ts`.

import { line } from "../../src/cli/commands/top/terminal/line.ts";
import { processConsole, withScreen } from "../../src/cli/commands/top/terminal/screen.ts";

const [way] = Deno.args;

if (import.meta.main) {
  await withScreen(processConsole, { color: true }, async (screen) => {
    screen.show([line("a whole screen", "bad")], screen.size);
    await new Promise((resolve) => setTimeout(resolve, 300));
    if (way === "throws") throw new Error("made to fail");
    if (way === "rejects") Promise.reject(new Error("made to fail"));
    if (way === "timer") {
      setTimeout(() => {
        throw new Error("made to fail");
      });
    }
    if (way === "exits") Deno.exit(3);
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  });
}
