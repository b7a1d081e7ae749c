// How many statements a second are digested: by the function alone, by the program, and by pt-fingerprint
// (percona-toolkit), where it is installed: whole process against whole process, on the same file of 100 MiB, one after
// the other in the same run, the median of three. Prints one JSON object. A second file has only statements whose
// strings hold escaped quotes (`'it\'s'`): where those end depends on the sql_mode, and so they are read twice.
// Memory is the most that the process held (VmHWM), for the file and for a tenth of it: it should not grow.
//
//   deno task bench digest, or with all figures: deno run --allow-all tests/bench/digest.ts [MiB]
//
// The limit: each byte is read once, and looked at once. `floor` is a loop that reads the file and does no more with it
// than look for ";", in one thread and in this engine.
//
// The statements are made from a fixed seed (statements.ts). The targets are those of the worst kind (digest_worst.ts).

import { digest } from "../../src/digest/mod.ts";
import { ROOT } from "../program.ts";
import { measureWorst } from "./digest_worst.ts";
import { type Benchmark, type Figure, NOT_INSTALLED, round } from "./figure.ts";
import {
  distinct,
  escaped,
  type Generator,
  numbersFrom,
  plain,
  type Sample,
  writeSample,
} from "./statements.ts";

/** What one way of digesting took. */
interface Measure {
  readonly seconds: number;
  readonly statements_per_second: number;
  readonly mib_per_second: number;
}

/** What a process took, and what came of it. */
interface ProcessMeasure extends Measure {
  readonly lines: number;
  readonly peak_mib: number;
}

/** Ours beside pt-fingerprint, on the same file. */
interface Comparison {
  readonly statements: number;
  readonly mib: number;
  readonly process: ProcessMeasure;
  readonly pt_fingerprint: ProcessMeasure | typeof NOT_INSTALLED;
  readonly times_pt_fingerprint: number | undefined;
}

function measured({ statements, bytes }: Omit<Sample, "file">, milliseconds: number): Measure {
  const seconds = milliseconds / 1000;
  return {
    seconds: Number(seconds.toFixed(3)),
    statements_per_second: Math.round(statements / seconds),
    mib_per_second: Number((bytes / 2 ** 20 / seconds).toFixed(1)),
  };
}

/** The function, without a process around it, and without anything kept of the statements before. */
function measureFunction(generator: Generator): Measure {
  const next = numbersFrom(42);
  const sqls = Array.from({ length: 100_000 }, () => generator(next));
  for (const sql of sqls.slice(0, 5_000)) digest(sql); // until the compiler has seen it
  const start = performance.now();
  for (const sql of sqls) digest(sql);
  const time = performance.now() - start;
  return measured(
    { statements: sqls.length, bytes: sqls.reduce((sum, { length }) => sum + length, 0) },
    time,
  );
}

/** Reads a file and finds its ";", and nothing else. */
async function measureFloor(sample: Sample): Promise<Measure> {
  const start = performance.now();
  using input = await Deno.open(sample.file);
  const bytes = new Uint8Array(2 ** 20);
  let found = 0;
  for (let count = await input.read(bytes); count !== null; count = await input.read(bytes)) {
    for (let at = 0; at < count; at++) if (bytes[at] === 59) found++;
  }
  if (found < sample.statements) throw new Error(`${found} of ${sample.statements} were found`);
  return measured(sample, performance.now() - start);
}

/** Runs a program on a file, its output into another; undefined where it is missing. */
async function measureProcess(
  command: readonly string[],
  sample: Sample,
): Promise<ProcessMeasure | undefined> {
  const output = `${sample.file}.out`;
  const start = performance.now();
  const child = new Deno.Command("bash", {
    args: ["-c", 'exec "$@" > "$0"', output, ...command, sample.file],
    stdin: "null",
    stderr: "piped",
  }).spawn();
  let peak = 0;
  const timer = setInterval(() => peak = Math.max(peak, peakOf(child.pid)), 5);
  const { code, stderr } = await child.output();
  const time = performance.now() - start;
  clearInterval(timer);
  if (code === 127) return undefined;
  if (code !== 0) throw new Error(`${command.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
  const lines = (await Deno.readTextFile(output)).split("\n").length - 1;
  return { ...measured(sample, time), lines, peak_mib: Number((peak / 1024).toFixed(1)) };
}

/** The most memory that a process has held so far, in KiB; 0 once it has ended. */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s*(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

const OURS = [Deno.execPath(), "run", "--quiet", "--allow-all", `${ROOT}main.ts`, "digest"] as const;

/** The median of three runs of each program, one after the other. */
async function compare(sample: Sample): Promise<Comparison> {
  const ours: ProcessMeasure[] = [];
  const theirs: ProcessMeasure[] = [];
  for (let run = 0; run < 3; run++) {
    ours.push((await measureProcess(OURS, sample))!);
    const other = await measureProcess(["pt-fingerprint"], sample);
    if (other !== undefined) theirs.push(other);
  }
  const median = (all: ProcessMeasure[]) => all.toSorted((a, b) => a.seconds - b.seconds)[1];
  const [mine, other] = [median(ours)!, median(theirs)];
  return {
    statements: sample.statements,
    mib: Number((sample.bytes / 2 ** 20).toFixed(1)),
    process: mine,
    pt_fingerprint: other ?? NOT_INSTALLED,
    times_pt_fingerprint: other &&
      Number((mine.statements_per_second / other.statements_per_second).toFixed(2)),
  };
}

/** All that is measured, of a file of this many MiB. */
async function measureAll(size: number) {
  const folder = await Deno.makeTempDir({ prefix: "query-sniper-bench-" });
  try {
    const bytes = size * 2 ** 20;
    const whole = await writeSample(`${folder}/plain.sql`, { generator: plain, bytes });
    const tenth = await writeSample(`${folder}/tenth.sql`, { generator: plain, bytes: bytes / 10 });
    const slow = await writeSample(`${folder}/escaped.sql`, { generator: escaped, bytes: bytes / 10 });
    return {
      function: measureFunction(plain),
      function_distinct: measureFunction(distinct),
      distinct: await compare(
        await writeSample(`${folder}/distinct.sql`, { generator: distinct, bytes: bytes / 10 }),
      ),
      floor: await measureFloor(whole),
      plain: await compare(whole),
      peak_mib_of_a_tenth: (await measureProcess(OURS, tenth))!.peak_mib,
      escaped: await compare(slow),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

export const digestThroughput: Benchmark = async ({ quick }) => {
  const { plain, escaped, distinct, floor, function: bare, function_distinct: worst } = await measureAll(
    quick ? 10 : 100,
  );
  const { pt_fingerprint: fingerprint } = distinct;
  const a_second = ({ statements_per_second: count }: Measure) => `${round(count / 1000)} k/s`;
  const against = (what: string, { process, pt_fingerprint: other }: Comparison): Figure => ({
    benchmark: "digest",
    what: `${what}, whole process; pt-fingerprint`,
    ours: a_second(process),
    theirs: typeof other === "string" ? other : a_second(other),
    ...typeof other === "object" && {
      ratio: round(process.statements_per_second / other.statements_per_second),
    },
  });
  return [
    against("statements", plain),
    against("statements with escaped quotes", escaped),
    against("statements with a digest of their own each", distinct),
    {
      benchmark: "digest",
      what: "statements with a digest of their own each, the function alone; pt-fingerprint",
      ours: `${worst.mib_per_second} MiB/s`,
      theirs: typeof fingerprint === "string" ? fingerprint : `${fingerprint.mib_per_second} MiB/s`,
      ...typeof fingerprint === "object" && {
        ratio: round(worst.mib_per_second / fingerprint.mib_per_second),
      },
    },
    {
      benchmark: "digest",
      what: "statements, the function alone; a loop that only finds their ends",
      ours: a_second(bare),
      theirs: a_second(floor),
      ratio: round(bare.statements_per_second / floor.statements_per_second),
    },
    ...await measureWorst(quick ? [13] : [13, 100]),
  ];
};

if (import.meta.main) {
  const [size = "100"] = Deno.args;
  // deno-lint-ignore no-console
  console.log(JSON.stringify(await measureAll(Number(size)), null, 2));
}
