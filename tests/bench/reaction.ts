// How late a kill is: from the moment a statement reaches its limit to its client's error, for 200 samples at random
// phases, with looks every second; and the same for pt-kill (percona-toolkit), where it is installed. Prints one JSON
// object. What physics sets: a round trip to the server, and its own time to end a statement.
//
//   deno run --allow-all tests/bench/reaction.ts [SAMPLES] [FLAVOR]

import { join } from "node:path";
import { ACCOUNTS, Client, type Flavor, type LabServer, startPair } from "../lab/mod.ts";
import { startProgram } from "../program.ts";
import { writeConfig } from "../integration/fixture.ts";

/** After how many milliseconds a statement is too old. pt-kill compares whole seconds. */
const LIMIT = 1000;

/** How far beyond the limit statements lived, in milliseconds. */
interface Overshoot {
  readonly samples: number;
  readonly median: number;
  readonly p99: number;
  readonly worst: number;
  /** Statements that were not ended within 5 s. */
  readonly missed: number;
}

function overshootOf(values: readonly number[]): Overshoot {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b);
  const at = (part: number) =>
    Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN).toFixed(1));
  return {
    samples: sorted.length,
    median: at(0.5),
    p99: at(0.99),
    worst: at(1),
    missed: values.length - sorted.length,
  };
}

/** Runs statements that somebody else ends, each begun at a random phase of the second. */
async function sample(server: LabServer, count: number): Promise<Overshoot> {
  const values: number[] = [];
  await using client = await Client.connect(server, ACCOUNTS.app, { database: "test" });
  for (let index = 0; index < count; index++) {
    await new Promise((resolve) => setTimeout(resolve, 1000 * Math.random()));
    const begun = performance.now();
    try {
      await client.query("SELECT SLEEP(6) FROM (SELECT 1 UNION ALL SELECT 2) AS two");
      values.push(Number.NaN);
    } catch {
      values.push(performance.now() - begun - LIMIT);
    }
  }
  return overshootOf(values);
}

async function ours(server: LabServer, count: number): Promise<Overshoot> {
  await using config = await writeConfig({
    rules: `
      budget: { kills: 1000000, per: 1s }
      policies: [{ name: late, where: "running and user = 'app' and time >= 1s", then: kill query }]
    `,
    databases: [server],
  });
  const text = await Deno.readTextFile(config.file);
  await Deno.writeTextFile(config.file, text.replace("interval: 100ms", "interval: 1s"));
  await using program = startProgram([
    "run",
    "-c",
    join(config.folder, "query-sniper.yaml"),
    "--log-format",
    "json",
  ], {
    timeoutMs: 3_600_000,
  });
  await program.event("the lease", ({ event }) => event === "lease");
  return await sample(server, count);
}

async function theirs(server: LabServer, count: number): Promise<Overshoot | "not installed"> {
  const { user, password } = ACCOUNTS.root;
  const args = ["--host", server.host, "--port", String(server.port), "--user", user, "--password", password];
  try {
    const child = new Deno.Command("pt-kill", {
      args: [
        ...args,
        "--busy-time",
        "1",
        "--match-user",
        "app",
        "--interval",
        "1",
        "--kill-query",
        "--victims",
        "all",
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      return await sample(server, count);
    } finally {
      child.kill("SIGTERM");
      await child.status;
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "not installed";
    throw error;
  }
}

const [count = "200", flavor = "mariadb"] = Deno.args;
await using pair = await startPair(flavor as Flavor);
const result = { flavor, query_sniper: await ours(pair.primary, Number(count)) };
const pt_kill = flavor === "mariadb"
  ? await theirs(pair.primary, Math.min(Number(count), 50))
  : "MariaDB only";
// deno-lint-ignore no-console
console.log(JSON.stringify({ ...result, pt_kill }, null, 2));
