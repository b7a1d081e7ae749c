// What a look costs the server, with 2,000 idle sessions and 50 busy ones: bytes and rows that it sends, and its
// processor time, from its own counters over many looks, less what it spends while nobody looks. Ours reads the gate at
// every look; pt-kill (--busy-time, --print) reads the process list. Both look once a second, and nobody is old enough to
// be killed. Four policies: by an age that nobody can reach for a while, so that the sessions are not read meanwhile; the
// same with a gate that MariaDB adds up of all its connections; by an age so short that sessions are read at every look;
// and one that the server cannot filter by (`matches`), so that it sends all busy sessions with their texts at every look.
//
// The limit: of the sessions only the busy ones matter, and of those only what has reached its limit.

import { ACCOUNTS, availableFlavors, Client, type Flavor, type LabPair, startPair } from "../lab/mod.ts";
import { startProgram } from "../program.ts";
import { writeConfig } from "../integration/fixture.ts";
import { type Benchmark, type Figure, NOT_INSTALLED, pause, round } from "./figure.ts";
import { startPtKill } from "./pt_kill.ts";
import { useOf } from "./use.ts";

const IDLE = 2000;
const BUSY = 50;
/** At most this part of pt-kill's bytes, and of its processor time. */
const TARGET = { bytes: 0.1, cpu: 1 };

const LONG = "running and user = 'app' and time > 1h";

const POLICIES = {
  "a long age": { when: "hll >= 0", where: LONG },
  "a long age, while threads_running": { when: "threads_running > 0 and hll >= 0", where: LONG },
  "an age of a second": { when: "hll >= 0", where: "running and user = 'nobody' and time > 1s" },
  text: { when: "hll >= 0", where: "running and user = 'app' and sql matches 'no such text'" },
};

type Policy = typeof POLICIES[keyof typeof POLICIES];

/** What a server has spent so far, or for each look. */
interface Cost {
  readonly bytes: number;
  readonly rows: number;
  /** Processor time in milliseconds. */
  readonly cpu: number;
}

const ROWS: Readonly<Record<Flavor, string>> = {
  mariadb:
    "SELECT VARIABLE_VALUE AS count FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'ROWS_SENT'",
  mysql:
    "SELECT SUM(SUM_ROWS_SENT) AS count FROM performance_schema.events_statements_summary_global_by_event_name",
};

export const serverCost: Benchmark = async ({ quick }) => {
  const figures: Figure[] = [];
  for (const flavor of await availableFlavors()) {
    await using pair = await startPair(flavor, { serverArguments: ["--max-connections=4000"] });
    await using _crowd = await gather(pair);
    figures.push(...await measure(pair, quick ? 10 : 30));
  }
  return figures;
};

/** The sessions that are only there, and those that run something for longer than this takes. */
async function gather({ primary }: LabPair): Promise<AsyncDisposable> {
  const clients: Client[] = [];
  for (let index = 0; index < IDLE + BUSY; index += 50) {
    const some = Array.from(
      { length: 50 },
      () => Client.connect(primary, ACCOUNTS.app, { database: "test" }),
    );
    clients.push(...await Promise.all(some));
  }
  for (const client of clients.slice(0, BUSY)) {
    client.query(`SELECT SLEEP(3000), '${"x".repeat(500)}' AS text FROM item LIMIT 1`).catch(() => {});
  }
  return {
    [Symbol.asyncDispose]: () => {
      for (const client of clients) client.destroy();
      return Promise.resolve();
    },
  };
}

async function measure(pair: LabPair, looks: number): Promise<readonly Figure[]> {
  await using root = await Client.connect(pair.primary);
  const over = async (): Promise<Cost> => {
    await pause(3000); // what it does at its start is not what a look costs
    const before = await spent(pair, root);
    await pause(looks * 1000);
    const after = await spent(pair, root);
    const each = (key: keyof Cost) => (after[key] - before[key]) / looks;
    return { bytes: each("bytes"), rows: each("rows"), cpu: each("cpu") };
  };
  const nobody = await over();
  const ptKill = await theirs(pair, over);
  const figures: Figure[] = [];
  for (const [by, policy] of Object.entries(POLICIES)) {
    const what = `${pair.flavor}, policy by ${by}`;
    figures.push(...figuresOf(what, { mine: await ours(pair, policy, over), ptKill, nobody }));
  }
  return figures;
}

async function spent({ flavor, primary }: LabPair, root: Client): Promise<Cost> {
  const [sent] = await root.query("SHOW GLOBAL STATUS LIKE 'Bytes_sent'");
  const [rows] = await root.query(ROWS[flavor]);
  const { cpu } = await useOf(primary.pid!);
  return { bytes: Number(sent?.["Value"]), rows: Number(rows?.["count"]), cpu };
}

async function ours(
  { primary }: LabPair,
  { when, where }: Policy,
  over: () => Promise<Cost>,
): Promise<Cost> {
  const rules = `
    policies: [{ name: old, when: ${when}, where: "${where}", then: kill query }]
  `;
  await using config = await writeConfig({ mode: "dry-run", rules, databases: [primary] });
  const text = await Deno.readTextFile(config.file);
  await Deno.writeTextFile(config.file, text.replace("interval: 100ms", "interval: 1s"));
  const args = ["run", "-c", config.file, "--log-format", "json"];
  await using program = startProgram(args, { timeoutMs: 3_600_000 });
  await program.event("the open gate", ({ event, state }) => event === "gate" && state === "open");
  return await over();
}

async function theirs({ primary }: LabPair, over: () => Promise<Cost>): Promise<Cost | undefined> {
  await using ptKill = startPtKill(primary, ["--busy-time", "3600", "--match-user", "app", "--print"]);
  if (ptKill === undefined) return undefined;
  const cost = await over();
  // The server does not count what SHOW sends: it is the whole list.
  await using root = await Client.connect(primary);
  return { ...cost, rows: (await root.query("SHOW PROCESSLIST")).length };
}

function figuresOf(
  what: string,
  { mine, ptKill, nobody }: {
    readonly mine: Cost;
    readonly ptKill: Cost | undefined;
    readonly nobody: Cost;
  },
): readonly Figure[] {
  const line = (key: keyof Cost, unit: string, target?: number): Figure => {
    const value = mine[key] - nobody[key];
    const other = ptKill && ptKill[key] - nobody[key];
    const ratio = other === undefined ? undefined : round(value / other);
    const text = (value: number) => `${round(value)}${unit}`;
    return {
      benchmark: "server_cost",
      what: `${key} a look, ${what}; pt-kill`,
      ours: text(value),
      theirs: other === undefined ? NOT_INSTALLED : text(other),
      ...ratio !== undefined && { ratio },
      ...target !== undefined && { target: `<= ${target} of it` },
      ...target !== undefined && ratio !== undefined && { met: ratio <= target },
    };
  };
  return [line("bytes", " B", TARGET.bytes), line("rows", ""), line("cpu", " ms", TARGET.cpu)];
}
