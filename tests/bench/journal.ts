// What the two commits of a kill take, the intent and its outcome, each synced to the disk: on a journal with nothing else
// going on, and while the journal is purged, what was looked at is written, and another process reads all of it again and
// again, as a report does. A kill is due every few milliseconds; it is measured from then, so that waiting for a step of
// the purge counts as well.
//
// The limit is the disk's: two syncs.

import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../src/clock.ts";
import { Chronicle, Journal } from "../../src/journal/mod.ts";
import type { Decision } from "../../src/policy/mod.ts";
import { DAY, fillJournal } from "../journal/filled.ts";
import { look, policy, rules, session } from "../policy/fixture.ts";
import { type Benchmark, type Figure, pause, quantile, round } from "./figure.ts";

const DAYS = 100;
const PER_DAY = { quick: 200, thorough: 2000 };
const KILLS = { quick: 400, thorough: 3000 };
/** A kill is due after a random time up to this, in milliseconds. */
const PAUSE = 8;
const DATABASES = 1000;
/** With purging and a report a kill may take so many times as long at p99: what is more is no noise. */
const TARGET = 2;

/** What a report reads, again and again, as another process. */
const READER = `
  import { DatabaseSync } from "node:sqlite";
  const journal = new DatabaseSync(Deno.args[0], { readOnly: true });
  for (;;) {
    journal.prepare("SELECT digest, count(*), sum(time_ms) FROM decision GROUP BY digest").all();
    journal.prepare("SELECT day, sum(count) FROM day_digest GROUP BY day").all();
  }
`;

/** The commits of kills, alone and beside all else. */
export const journalCommits: Benchmark = async ({ quick }) => {
  const folder = await Deno.makeTempDir({ prefix: "query-sniper-bench-" });
  try {
    const size = quick ? "quick" : "thorough";
    const alone = await measure(`${folder}/alone.sqlite`, size, false);
    const beside = await measure(`${folder}/beside.sqlite`, size, true);
    return [
      figureOf("alone", alone.times),
      figureOf("while it is purged, written behind and reported from", beside.times, alone.times),
      { benchmark: "journal", what: "decisions purged meanwhile", ours: String(beside.purged) },
    ];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
};

interface Measured {
  readonly times: readonly number[];
  readonly purged: number;
}

async function measure(file: string, size: "quick" | "thorough", isBusy: boolean): Promise<Measured> {
  const filled = fillJournal(file, { to: Date.now(), days: DAYS, perDay: PER_DAY[size] });
  const journal = new Journal(file, (failure) => {
    if (failure !== undefined) throw new Error(failure);
  });
  journal.isUsable();
  const load = isBusy ? startLoad(file) : undefined;
  const times = await commits(journal, KILLS[size]);
  await load?.end();
  const left = decisionsIn(file);
  journal.close();
  return { times, purged: filled + KILLS[size] - left };
}

/** Milliseconds from when each kill is due until its outcome is on the disk. */
async function commits(journal: Journal, count: number): Promise<readonly number[]> {
  const decision = decisionNow();
  const times: number[] = [];
  for (let kill = 0; kill < count; kill++) {
    const due = performance.now() + Math.random() * PAUSE;
    await pause(Math.max(0, due - performance.now()));
    const id = journal.intend("db-1", decision, Date.now());
    journal.conclude(id, { outcome: "killed", took_ms: 1 });
    times.push(performance.now() - due);
  }
  return times;
}

function decisionNow(): Decision {
  return look(rules([policy()]), { sessions: [session({ sql: "SELECT * FROM orders WHERE id = 1" })] })
    .decisions[0]!;
}

/** Purges, writes looks of a fleet, and reads. */
function startLoad(file: string): { end(): Promise<void> } {
  const args = ["run", "--allow-all", "--ext=ts", "-", file];
  const reader = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stderr: "inherit" }).spawn();
  const script = reader.stdin.getWriter();
  script.write(new TextEncoder().encode(READER)).then(() => script.close());
  const clock = { ...systemClock, sleep: shortened };
  const chronicle = new Chronicle(file, {
    ...{ clock, version: "1", once: false, retention: { keep: 10 * DAY, maxSize: 2 ** 40 } },
    lost(reason) {
      throw new Error(`something was lost: ${reason}`);
    },
  });
  const looks = setInterval(() => {
    for (let index = 0; index < DATABASES; index++) {
      chronicle.looked(`fleet-${index}`, { interval: 1000, health: { lag: index, hll: index } });
    }
  }, 1000);
  return {
    async end() {
      clearInterval(looks);
      await chronicle.end();
      reader.kill("SIGKILL");
      await reader.status;
    },
  };
}

/** What happens once a minute or an hour happens all few seconds: what is written of looks is twelve times as much. */
function shortened(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return systemClock.sleep(milliseconds >= 60_000 ? 5000 : milliseconds, signal);
}

function decisionsIn(file: string): number {
  using database = new DatabaseSync(file, { readOnly: true });
  return Number(database.prepare("SELECT count(*) AS n FROM decision").get()!["n"]);
}

function figureOf(what: string, times: readonly number[], alone?: readonly number[]): Figure {
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
  const ratio = alone === undefined ? undefined : round(p99 / quantile(alone, 0.99));
  return {
    benchmark: "journal",
    what: `intent and outcome of a kill, ${what}`,
    ours: `p50 ${round(p50)} ms, p99 ${round(p99)} ms, most ${round(Math.max(...times))} ms`,
    ...ratio !== undefined &&
      { ratio, target: `p99 below ${TARGET} times that of alone`, met: ratio < TARGET },
  };
}
