// Whether memory grows: one armed database that is looked at every 100 ms, `evidence` on, while 50 sessions come and go,
// each with statements that nobody has run before, some of which are killed. What is left after the garbage was collected
// (V8's heap, and what stands outside of it), in the first and in the last third of the time; --soak says how long, else it
// is a minute. The first part, in which the evidence fills up and code is compiled, does not count.
//
// The limit: what the evidence keeps, which is as much at the end as at the beginning.

import { writeConfig } from "../integration/fixture.ts";
import { ACCOUNTS, Client, type LabServer, startPair } from "../lab/mod.ts";
import { ROOT } from "../program.ts";
import { type Benchmark, type Figure, pause, round } from "./figure.ts";

const SESSIONS = 50;
/** How long looks are kept, in seconds. */
const KEPT = 20;
/** At the end there is at most this many times what there was at the beginning. */
const FLAT = 1.1;

const RULES = `
  evidence: { keep: ${KEPT}s }
  budget: { kills: 100000, per: 1s }
  policies:
    - { name: long, where: "user = 'app' and time > 400ms", then: kill query }
    - { name: idle, where: "user = 'app' and idle_time > 1h and same_user > 1000", then: kill connection }
`;

/** What was left after a collection. */
interface Left {
  readonly heapUsed: number;
  readonly external: number;
  readonly rss: number;
}

export const memory: Benchmark = async ({ quick, soak = quick ? 30 : 60 }) => {
  await using pair = await startPair("mariadb");
  await using config = await writeConfig({ rules: RULES, databases: [pair.primary] });
  await using load = churn(pair.primary);
  const left = await leftDuring(config.file, soak);
  const part = Math.ceil(left.length / 3);
  return [
    figure(
      "heap and what is outside of it, collected",
      left,
      part,
      ({ heapUsed, external }) => heapUsed + external,
    ),
    {
      ...figure("resident", left, part, ({ rss }) => rss),
      note: `${load.statements()} statements meanwhile`,
    },
  ];
};

/** @param part How many measurements are at the beginning, and how many at the end. */
function figure(what: string, left: readonly Left[], part: number, value: (left: Left) => number): Figure {
  const mean = (some: readonly Left[]) =>
    some.reduce((sum, each) => sum + value(each), 0) / some.length / 2 ** 20;
  const [first, last] = [mean(left.slice(0, part)), mean(left.slice(-part))];
  return {
    benchmark: "memory",
    what: `${what}: the last third of the time against the first`,
    ours: `${round(last)} MiB`,
    theirs: `${round(first)} MiB`,
    ratio: round(last / first),
    ...what !== "resident" && { target: `<= ${FLAT}`, met: last / first <= FLAT },
  };
}

/** Runs the program for so many seconds beyond the time in which it fills up. */
async function leftDuring(config: string, seconds: number): Promise<readonly Left[]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--allow-all",
      "--v8-flags=--expose-gc",
      `${ROOT}tests/bench/programs/collected.ts`,
      ...["run", "-c", config, "--log-format", "json"],
    ],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let text = "";
  const read = (async () => {
    for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) text += part;
  })();
  await pause((KEPT + 10) * 1000);
  const begun = text.length;
  await pause(seconds * 1000);
  child.kill("SIGTERM");
  await Promise.all([read, child.status]);
  return text.slice(begun).split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

/** Sessions that come and go until this is disposed of. */
function churn(server: LabServer): AsyncDisposable & { statements(): number } {
  let [isDone, statements] = [false, 0];
  const session = async (number: number) => {
    while (!isDone) {
      const client = await Client.connect(server, ACCOUNTS.app, { database: "test" });
      for (let index = 0; index < 5 && !isDone; index++) {
        statements++;
        const seconds = number === 0 ? 2 : Math.random() * 0.3;
        const sql =
          `SELECT ${seconds} AS a_${statements}, SLEEP(${seconds}) FROM (SELECT 1) AS t_${statements}`;
        await client.query(sql).catch(() => undefined);
      }
      await client.close();
    }
  };
  const sessions = Promise.all(Array.from({ length: SESSIONS }, (_, number) => session(number)));
  return {
    statements: () => statements,
    async [Symbol.asyncDispose]() {
      isDone = true;
      await sessions;
    },
  };
}
