// How late a kill is: from the moment a statement reaches its limit to its client's error, at random phases, with looks
// every second: 200 samples, and 50 of pt-kill (percona-toolkit), where it is installed; it compares whole seconds. On
// one MariaDB with nothing else to do.
//
// The limit: a round trip to the server for the look, one for the kill, and the server's own time to end a statement.

import { join } from "node:path";
import { ACCOUNTS, Client, type LabServer, startPair } from "../lab/mod.ts";
import { startProgram } from "../program.ts";
import { writeConfig } from "../integration/fixture.ts";
import { type Benchmark, type Figure, median, NOT_INSTALLED, quantile, round } from "./figure.ts";
import { startPtKill } from "./pt_kill.ts";

/** After how many milliseconds a statement is too old. */
const LIMIT = 1000;
/** In milliseconds, on an idle machine. */
const TARGET = { median: 20, worst: 100 };

const RULES = `
  budget: { kills: 1000000, per: 1s }
  policies: [{ name: late, where: "running and user = 'app' and time >= 1s", then: kill query }]
`;

/** How far beyond the limit statements lived, in milliseconds; infinite where nobody ended them. */
type Overshoots = readonly number[];

/** Runs statements that somebody else ends, each begun at a random phase of the second. */
async function sample(server: LabServer, count: number): Promise<Overshoots> {
  const values: number[] = [];
  await using client = await Client.connect(server, ACCOUNTS.app, { database: "test" });
  for (let index = 0; index < count; index++) {
    await new Promise((resolve) => setTimeout(resolve, 1000 * Math.random()));
    const begun = performance.now();
    try {
      await client.query("SELECT SLEEP(6) FROM (SELECT 1 UNION ALL SELECT 2) AS two");
      values.push(Infinity);
    } catch {
      values.push(performance.now() - begun - LIMIT);
    }
  }
  return values;
}

async function ours(server: LabServer, count: number): Promise<Overshoots> {
  await using config = await writeConfig({ rules: RULES, databases: [server] });
  const text = await Deno.readTextFile(config.file);
  await Deno.writeTextFile(config.file, text.replace("interval: 100ms", "interval: 1s"));
  const args = ["run", "-c", join(config.folder, "query-sniper.yaml"), "--log-format", "json"];
  await using program = startProgram(args, { timeoutMs: 3_600_000 });
  await program.event("the lease", ({ event }) => event === "lease");
  return await sample(server, count);
}

async function theirs(server: LabServer, count: number): Promise<Overshoots | undefined> {
  const args = ["--busy-time", "1", "--match-user", "app", "--kill-query", "--victims", "all"];
  await using ptKill = startPtKill(server, args);
  return ptKill && await sample(server, count);
}

export const reaction: Benchmark = async ({ quick }) => {
  await using pair = await startPair("mariadb");
  const mine = await ours(pair.primary, quick ? 20 : 200);
  const other = await theirs(pair.primary, quick ? 5 : 50);
  const worst = (values: Overshoots) => Math.max(...values);
  return [
    figure("median", { mine, other, of: median, target: TARGET.median }),
    figure("99th percentile", { mine, other, of: (values) => quantile(values, 0.99) }),
    figure("worst", { mine, other, of: worst, target: TARGET.worst }),
  ];
};

function figure(
  what: string,
  { mine, other, of, target }: {
    readonly mine: Overshoots;
    readonly other: Overshoots | undefined;
    of(values: Overshoots): number;
    readonly target?: number;
  },
): Figure {
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  const value = of(mine);
  return {
    benchmark: "reaction",
    what: `beyond the limit when killed, ${what} of ${mine.length}; pt-kill`,
    ours: ms(value),
    theirs: other === undefined ? NOT_INSTALLED : ms(of(other)),
    ...other !== undefined && { ratio: round(value / of(other)) },
    ...target !== undefined && { target: `<= ${target} ms`, met: value <= target },
  };
}
