import { assertEquals } from "@std/assert";
import { newOutput } from "../../src/cli/output.ts";

Deno.test("newOutput() writes bytes and texts in the order in which they came", async () => {
  const written: Uint8Array[] = [];
  const output = newOutput({
    write(bytes) {
      written.push(bytes.slice());
      return Promise.resolve(bytes.length);
    },
  });
  let expected = "";
  for (let index = 0; index < 50_000; index++) {
    const piece = `${"ä€𝒳x".repeat(index % 9)}${index}\n`;
    output.push(index % 3 === 0 ? new TextEncoder().encode(piece) : piece);
    expected += piece;
    if (output.isFull()) await output.flush();
  }
  await output.flush();
  const length = written.reduce((sum, part) => sum + part.length, 0);
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of written) {
    all.set(part, at);
    at += part.length;
  }
  assertEquals(new TextDecoder().decode(all), expected);
});
