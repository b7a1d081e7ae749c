// The worst kind of statements for `digest`, those that share nothing, against pt-fingerprint: the processor time in user
// mode of both programs on the same files, and the throughput of the function by its own. Times are the shortest of
// some runs, one program after the other: of a busy machine they say less than those of a quiet one, but their ratio
// stays. Ours has a compiler that runs beside it, whose time counts; so does the start, about 0.1 s against 0.02 s.

import process from "node:process";
import { digest } from "../../src/digest/mod.ts";
import { ROOT } from "../program.ts";
import { type Figure, NOT_INSTALLED, round } from "./figure.ts";
import { distinct, numbersFrom, type Sample, writeSample } from "./statements.ts";
import { userTimesOf } from "./user_time.ts";

const OURS = [Deno.execPath(), "run", "--quiet", "--allow-all", `${ROOT}main.ts`, "digest"] as const;
const THEIRS = ["pt-fingerprint"] as const;

/** How fast the function must be, by what pt-fingerprint takes for the same bytes. */
const FUNCTION_TARGET = 1.3;

/** The figures for files of so many MiB. */
export async function measureWorst(sizes: readonly number[]): Promise<readonly Figure[]> {
  const folder = await Deno.makeTempDir({ prefix: "query-sniper-bench-" });
  try {
    const figures: Figure[] = [];
    let theirs: number | undefined;
    for (const size of sizes) {
      const options = { generator: distinct, bytes: size * 2 ** 20 };
      const sample = await writeSample(`${folder}/${size}.sql`, options);
      const [ours, other] = await userTimesOf(
        [[...OURS, sample.file], [...THEIRS, sample.file]],
        { runs: size > 50 ? 3 : 7 },
      );
      figures.push(figureOf(size, ours!, other));
      theirs = other && throughput(sample, other);
    }
    return [...figures, functionFigure(theirs)];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** In MiB a second. */
function throughput({ bytes }: Pick<Sample, "bytes">, seconds: number): number {
  return bytes / 2 ** 20 / seconds;
}

function figureOf(size: number, ours: number, theirs: number | undefined): Figure {
  return {
    benchmark: "digest",
    what: `${size} MiB of statements that share nothing, user time of the process; pt-fingerprint`,
    ours: `${round(ours)} s`,
    theirs: theirs === undefined ? NOT_INSTALLED : `${round(theirs)} s`,
    target: "at most 1 time",
    ...theirs !== undefined && { ratio: round(ours / theirs), met: ours <= theirs },
  };
}

function functionFigure(theirs: number | undefined): Figure {
  const ours = functionThroughput();
  return {
    benchmark: "digest",
    what: "statements that share nothing, the function by its processor time; pt-fingerprint",
    ours: `${round(ours)} MiB/s`,
    theirs: theirs === undefined ? NOT_INSTALLED : `${round(theirs)} MiB/s`,
    target: `at least ${FUNCTION_TARGET} times`,
    ...theirs !== undefined && { ratio: round(ours / theirs), met: ours >= FUNCTION_TARGET * theirs },
  };
}

/** The best of some passes; the texts of each are other ones than those before, so that nothing of them is kept. */
function functionThroughput(): number {
  const next = numbersFrom(7);
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];
  // In one piece, as texts of a client are, and not as the engine keeps what was put together.
  const text = () => decoder.decode(encoder.encode(distinct(next)));
  let best = 0;
  for (let pass = 0; pass < 10; pass++) {
    const sqls = Array.from({ length: 20_000 }, text);
    const before = process.cpuUsage();
    for (const sql of sqls) digest(sql);
    const { user, system } = process.cpuUsage(before);
    const bytes = sqls.reduce((sum, { length }) => sum + length, 0);
    best = Math.max(best, throughput({ bytes }, (user + system) / 1e6));
  }
  return best;
}
