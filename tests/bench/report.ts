// `history` and `report` over the journal of a year of a busy fleet: 1,000 databases and 2 million decisions, by a seeded
// generator (tests/journal_year). Each is a process of its own, from its start to its end; medians, and the most memory that
// one took. The journal's pages are in the system's cache, as those of a journal that is written to are.
//
// The limit: to read the decisions of the period from the file, and nothing else, as `count(*)` with one sum does.

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { generateJournal, type JournalSize, YEAR } from "../journal_year/generate.ts";
import { ROOT } from "../program.ts";
import { type Benchmark, type Figure, median, pause, round } from "./figure.ts";
import { useOf } from "./use.ts";

const DAY = 86_400_000;

/** What is asked for, with the most seconds and megabytes (10^6 bytes) that it may take. */
interface Question {
  readonly what: string;
  readonly args: readonly string[];
  /** In days, for the limit. */
  readonly days: number;
  readonly seconds: number;
  readonly megabytes?: number;
}

function questions(end: number): readonly Question[] {
  const since = (days: number) => ["--since", dayText(end - days * DAY), "--until", dayText(end)];
  const week = { days: 7, seconds: 2, megabytes: 200 };
  const report = (by: string, ...more: string[]) => ["report", "--by", by, "--format", "json", ...more];
  return [
    ...["digest", "shape", "tag.controller", "database", "user", "policy"].map((by) => ({
      what: `a week by ${by}`,
      args: [...report(by), ...since(7)],
      ...week,
    })),
    {
      what: "a week compared with another one",
      args: [...report("digest"), ...since(7), "--compare", "7d"],
      ...week,
    },
    { what: "a week as a page", args: ["report", "--format", "html", ...since(7)], ...week },
    { what: "a year by digest", args: [...report("digest"), ...since(365)], days: 365, seconds: 5 },
    { what: "a day of history", args: ["history", "--format", "json", ...since(1)], days: 1, seconds: 2 },
  ];
}

function dayText(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

export const report: Benchmark = async ({ quick }) => {
  const folder = await Deno.makeTempDir({ prefix: "query-sniper-bench-" });
  try {
    const size: JournalSize = quick ? { ...YEAR, databases: 100, decisions: 200_000 } : YEAR;
    const file = join(folder, "year.sqlite");
    generateJournal(file, size);
    const { size: bytes } = await Deno.stat(file);
    const figures: Figure[] = [{
      benchmark: "report",
      what: `a journal of ${size.databases} databases and ${size.decisions} decisions in a year`,
      ours: `${Math.round(bytes / 2 ** 20)} MiB, ${round(bytes / size.decisions)} bytes a decision`,
    }];
    for (const question of questions(size.end)) figures.push(await measured(file, question, { size, quick }));
    return figures;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
};

async function measured(
  file: string,
  { what, args, days, seconds, megabytes }: Question,
  { size, quick }: { readonly size: JournalSize; readonly quick: boolean },
): Promise<Figure> {
  const runs = [];
  for (let run = 0; run < (quick ? 1 : 5); run++) runs.push(await runOnce(file, args));
  const took = median(runs.map(({ seconds }) => seconds));
  const rss = Math.max(...runs.map(({ megabytes }) => megabytes));
  const limit = readingTime(file, size.end - days * DAY, size.end);
  const isMet = took <= seconds && (megabytes === undefined || rss <= megabytes);
  return {
    benchmark: "report",
    what,
    ours: `${round(took)} s, ${Math.round(rss)} MB`,
    theirs: `${round(limit)} s to read the decisions`,
    ratio: round(took / limit),
    target: `${seconds} s${megabytes === undefined ? "" : `, ${megabytes} MB`}`,
    ...!quick && { met: isMet },
  };
}

/** Runs the program to its end; its memory is looked at every few milliseconds. */
async function runOnce(
  file: string,
  [command = "", ...args]: readonly string[],
): Promise<{ readonly seconds: number; readonly megabytes: number }> {
  const before = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", `${ROOT}main.ts`, command, "--journal", file, ...args],
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  let ended = false;
  const status = child.status.finally(() => ended = true);
  let most = 0;
  while (!ended) {
    const { rss } = await useOf(child.pid).catch(() => ({ rss: 0 }));
    if (rss > most) most = rss; // NaN: it has just ended
    await Promise.race([status, pause(5)]);
  }
  const { code } = await status;
  if (code !== 0) throw new Error(`query-sniper ${command} ${args.join(" ")} ended with ${code}`);
  return { seconds: (performance.now() - before) / 1000, megabytes: most * 2 ** 20 / 1e6 };
}

/** How long it takes to read the decisions of a time, in seconds. */
function readingTime(file: string, from: number, to: number): number {
  const database = new DatabaseSync(file, { readOnly: true });
  const statement = database.prepare("SELECT count(*), sum(time_ms) FROM decision WHERE at >= ? AND at < ?");
  const times = Array.from({ length: 3 }, () => {
    const before = performance.now();
    statement.get(from, to);
    return (performance.now() - before) / 1000;
  });
  database.close();
  return median(times);
}
