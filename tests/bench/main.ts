// deno task bench [NAME…] [--quick] [--soak 10m] [--json]: runs the benchmarks, one after the other, and prints a table
// of what they came to; with --json the same as one JSON object. --quick takes fewer samples. Exits with 1 where a target
// was missed. Each benchmark states in its file what it measures, on what, and the limit that physics sets.

import { parseArgs } from "@std/cli/parse-args";
import { didYouMean, quoted } from "../../src/text/nearest.ts";
import { valueOfType } from "../../src/language/mod.ts";
import { beside } from "./beside.ts";
import { useBinary } from "./binary.ts";
import { digestThroughput } from "./digest.ts";
import { type Benchmark, type BenchOptions, type Figure, round } from "./figure.ts";
import { fleet } from "./fleet.ts";
import { journalCommits } from "./journal.ts";
import { memory } from "./memory.ts";
import { metrics } from "./metrics.ts";
import { move } from "./move.ts";
import { once } from "./once.ts";
import { page } from "./page.ts";
import { policyEngine } from "./policy.ts";
import { reaction } from "./reaction.ts";
import { report } from "./report.ts";
import { serverCost } from "./server_cost.ts";
import { shards } from "./shards.ts";
import { tableText } from "./table.ts";
import { tables } from "./tables.ts";

/** In the order in which they run. */
const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  policy: policyEngine,
  digest: digestThroughput,
  tables,
  journal: journalCommits,
  once,
  reaction,
  server_cost: serverCost,
  beside,
  fleet,
  memory,
  metrics,
  page,
  report,
  shards,
  move,
};

/** What the benchmarks came to, and on what machine. */
interface Report {
  readonly at: string;
  readonly processors: number;
  /** Of the machine just before, over one, five and fifteen minutes: figures of a busy machine are worse. */
  readonly load: readonly number[];
  /** Percent of the time of all processors that the machine's host gave to others meanwhile; looks are late then. */
  readonly stolen: number;
  readonly figures: readonly Figure[];
}

async function main(args: readonly string[]): Promise<number> {
  const { names, options, json } = readArguments(args);
  await using _binary = await useBinary();
  const load = Deno.loadavg().map((value) => Number(value.toFixed(2)));
  const before = await processorTime();
  const figures: Figure[] = [];
  for (const name of names) {
    say(`${name} …`);
    figures.push(...await BENCHMARKS[name]!(options));
  }
  const report: Report = {
    at: new Date().toISOString(),
    processors: navigator.hardwareConcurrency,
    load,
    stolen: stolenSince(before, await processorTime()),
    figures,
  };
  print(json ? JSON.stringify(report, null, 2) : textOf(report));
  return figures.some(({ met }) => met === false) ? 1 : 0;
}

function readArguments(
  args: readonly string[],
): { readonly names: readonly string[]; readonly options: BenchOptions; readonly json: boolean } {
  const parsed = parseArgs([...args], {
    string: ["soak"],
    boolean: ["quick", "json"],
    unknown: (argument, key) => {
      if (key !== undefined) throw new Error(`Unknown option: ${quoted(argument)}`);
      return true;
    },
  });
  const known = Object.keys(BENCHMARKS);
  const names = parsed._.map(String);
  const wrong = names.find((name) => !known.includes(name));
  if (wrong !== undefined) {
    throw new Error(
      `No such benchmark: ${quoted(wrong)}${didYouMean(wrong, known, '"')}: ${known.join(", ")}`,
    );
  }
  const soak = parsed["soak"] === undefined ? undefined : secondsOf(String(parsed["soak"]));
  return {
    names: names.length === 0 ? known : names,
    options: { quick: parsed["quick"] === true, ...soak !== undefined && { soak } },
    json: parsed["json"] === true,
  };
}

function secondsOf(text: string): number {
  const milliseconds = valueOfType("duration", text);
  if (milliseconds !== undefined) return milliseconds / 1000;
  throw new Error(`--soak is a duration such as 10m: ${quoted(text)}`);
}

/** Of all processors since the machine began, in hundredths of a second. */
interface ProcessorTime {
  readonly all: number;
  readonly stolen: number;
}

async function processorTime(): Promise<ProcessorTime> {
  const [line = ""] = (await Deno.readTextFile("/proc/stat")).split("\n");
  // user nice system idle iowait irq softirq steal; what guests get is part of user and nice.
  const times = line.trim().split(/\s+/).slice(1, 9).map(Number);
  return { all: times.reduce((sum, time) => sum + time, 0), stolen: times[7] ?? 0 };
}

function stolenSince(before: ProcessorTime, after: ProcessorTime): number {
  return round(100 * (after.stolen - before.stolen) / (after.all - before.all));
}

function textOf({ at, processors, load, stolen, figures }: Report): string {
  const machine = `${processors} processors, load ${
    load.join(" ")
  }, ${stolen}% of their time stolen by the host`;
  return `${at}, ${machine}\n\n${tableText(figures)}`;
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

/** How far it is: not part of the result. */
function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
