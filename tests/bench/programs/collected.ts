// The program itself, which in addition collects its garbage every few seconds and says on standard error what is left
// then, as one JSON object a line: what grows there is a leak, what the process holds is not.
//
//   deno run --allow-all --v8-flags=--expose-gc tests/bench/programs/collected.ts run -c FILE

import { main } from "../../../src/cli/main.ts";

/** Between two collections, in milliseconds. */
const EVERY = 5000;

const { gc } = globalThis as unknown as { readonly gc: () => void };

setInterval(() => {
  // What the first one lets go of, the second one can collect.
  gc();
  gc();
  const { heapUsed, external, rss } = Deno.memoryUsage();
  const line = JSON.stringify({ at: performance.now(), heapUsed, external, rss });
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}, EVERY);

Deno.exit(await main(Deno.args));
