import { assertEquals } from "@std/assert";
import { readKeys } from "../../../src/cli/commands/top/terminal/key_reader.ts";
import { keysIn } from "../../../src/cli/commands/top/terminal/keys.ts";

Deno.test("keys are read from what terminals send; what means nothing is left out", () => {
  assertEquals(keysIn("k\x1b[A\x1bOB\t\r\x7f\x03q"), [
    "k",
    "up",
    "down",
    "tab",
    "enter",
    "backspace",
    "interrupt",
    "q",
  ]);
  assertEquals(keysIn("\x1b[5~\x1b[6~\x1b[H\x1b[F\x1b[Z"), ["page-up", "page-down", "home", "end", "tab"]);
  assertEquals(keysIn("\x1b"), ["escape"]);
  assertEquals(keysIn("\x1b[200~\x1b[1;5A\x00\x1a日👍"), ["日", "👍"]);
});

Deno.test("a sequence that comes in parts is one key, and an escape by itself is one, too", async () => {
  const pieces = ["\x1b", "[", "A", "k"];
  const stream = new ReadableStream<Uint8Array>({
    async start(controller) {
      const send = (text: string) => controller.enqueue(new TextEncoder().encode(text));
      for (const piece of pieces) send(piece);
      await new Promise((resolve) => setTimeout(resolve, 100));
      send("\x1b");
      await new Promise((resolve) => setTimeout(resolve, 200));
      send("q");
      controller.close();
    },
  });
  assertEquals(await Array.fromAsync(readKeys(stream)), ["up", "k", "escape", "q"]);
});
