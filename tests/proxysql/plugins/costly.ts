// What plugins cost that loop or eat memory: run by a test as a program of its own, since tests share a process.

import process from "node:process";
import { systemClock } from "../../../src/clock.ts";
import { Started, STATUS } from "./fixture.ts";

/** What it finds. */
export interface Costs {
  /** Of each plugin that eats memory: by how much the program has grown by then, in MiB, and what was told. */
  readonly grown: readonly { readonly mib: number; readonly told: readonly string[] }[];
  /** Processor time in the second after a looping plugin was ended, in milliseconds. */
  readonly cpu_ms: number;
}

/** Bodies of functions that eat memory. */
export const EATERS = [
  "const all = []; for (;;) all.push(new Array(1000).fill({}));",
  "let text = 'x'; for (;;) text += text;",
  "new Uint8Array(2 ** 31 - 1).fill(1);",
  "function deep() { deep(); } deep();",
  "return ['x'.repeat(2 ** 24)];",
  "let deep = []; for (let at = 0; at < 1e5; at++) deep = [deep]; return deep;",
];

/** Never starts a plugin again. */
const clock = {
  ...systemClock,
  sleep: (time: number, signal?: AbortSignal) => systemClock.sleep(time === 1000 ? 1e6 : time, signal),
};

async function costs(): Promise<Costs> {
  const grown: { mib: number; told: readonly string[] }[] = [];
  const before = Deno.memoryUsage().rss;
  for (const body of EATERS) {
    await using started = await Started.of([{
      source: `export function health() { ${body} }`,
      timeout: 3000,
    }], { clock });
    await started.plugins.health(STATUS);
    grown.push({ mib: (Deno.memoryUsage().rss - before) / 2 ** 20, told: [...started.told] });
  }
  const source = "export function health() { for (;;) {} }";
  await using started = await Started.of([{ source, timeout: 300 }], { clock });
  await started.plugins.health(STATUS);
  await systemClock.sleep(300);
  const { user, system } = process.cpuUsage();
  await systemClock.sleep(1000);
  const now = process.cpuUsage();
  return { grown, cpu_ms: (now.user + now.system - user - system) / 1000 };
}

if (import.meta.main) await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(await costs())));
