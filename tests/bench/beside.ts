// Whether anything that goes on beside the looks delays them: a channel that never answers and somebody who reads all
// metrics every second; and then also a report over the journal of the same program, again and again. Looks at 20 entries of
// one MariaDB, ten a second each, one of them armed, with kills that are to be told; for a minute alone, and a minute with
// each. Late is a look that begins more than 50 ms after it was due.
//
// The limit is none late. A report is a process of its own: on a machine with few processors it takes one from the looks.

import { join } from "node:path";
import { ACCOUNTS, Client, type LabServer, startPair } from "../lab/mod.ts";
import { fillJournal } from "../journal/filled.ts";
import { writeConfig } from "../integration/fixture.ts";
import { Receiver } from "../notify/receiver.ts";
import { type LoggedEvent, ROOT, type RunningProgram, startProgram } from "../program.ts";
import { type Benchmark, type Figure, pause } from "./figure.ts";

const ENTRIES = 20;
/** The journal that the reports read. */
const FILLED = { days: 100, perDay: 2000 };
/** The most that the latest look may be later than alone, in milliseconds. */
const TARGET = 20;

interface Late {
  readonly looks: number;
  readonly late: number;
  /** The greatest delay, in milliseconds. */
  readonly latest: number;
  readonly kills: number;
}

export const beside: Benchmark = async ({ quick }) => {
  await using pair = await startPair("mariadb", { alone: true });
  await using hung = new Receiver(() => undefined);
  const alone = await measure(pair.primary, { quick });
  const busy = await measure(pair.primary, { quick, hung });
  const requests = hung.received.length;
  if (requests === 0) throw new Error("the channel was told nothing");
  const reporting = await measure(pair.primary, { quick, hung, reports: true });
  const more = busy.latest - alone.latest;
  return [
    figure("alone", alone),
    {
      ...figure(`beside a channel that hangs (${requests} requests) and readers of metrics`, busy),
      target: `the latest look at most ${TARGET} ms later than alone`,
      ...!quick && { met: more <= TARGET },
    },
    figure("the same, and reports one after the other", reporting),
  ];
};

function figure(what: string, { looks, late, latest, kills }: Late): Figure {
  return {
    benchmark: "beside",
    what,
    ours: `${late} of ${looks} looks late, the latest by ${latest} ms; ${kills} kills`,
  };
}

async function measure(
  server: LabServer,
  { quick, hung, reports = false }: {
    readonly quick: boolean;
    readonly hung?: Receiver;
    readonly reports?: boolean;
  },
): Promise<Late> {
  const { host, port } = server;
  const entries = Array.from({ length: ENTRIES }, (_, index) => {
    const mode = index === 0 ? "enforce" : "dry-run";
    return `{ name: entry-${index}, host: ${host}, port: ${port}, mode: ${mode} }`;
  });
  await using config = await writeConfig({
    rules: `
      budget: { kills: 1000000, per: 1s }
      policies: [{ name: late, where: "running and user = 'app' and time >= 300ms", then: kill query }]
      journal: journal.sqlite
      listen: 127.0.0.1:0
      ${hung === undefined ? "" : `notify: { dba: { alertmanager: { url: "${hung.url}" }, every: 1s } }`}
    `,
    databases: entries,
    mode: "dry-run",
  });
  const file = join(config.folder, "journal.sqlite");
  fillJournal(file, { to: Date.now(), ...FILLED, perDay: quick ? 200 : FILLED.perDay });
  const args = ["run", "-c", config.file, "--log-format", "json"];
  await using program = startProgram(args, { timeoutMs: 3_600_000 });
  await program.event("the lease", ({ event }) => event === "lease");
  const ending = new AbortController();
  const { signal } = ending;
  const work = [
    runStatements(server, signal),
    ...hung === undefined ? [] : [readMetrics(program, signal)],
    ...reports ? [report(file, signal)] : [],
  ];
  const beats = await heartbeats(program);
  ending.abort();
  await Promise.all(work);
  const { looks, kills } = (await stopped(program)) as unknown as Late;
  return {
    looks,
    kills,
    late: beats.reduce((sum, { late }) => sum + Number(late), 0),
    latest: Math.max(...beats.map(({ late_ms }) => Number(late_ms))),
  };
}

/** Those of the first minute, of all entries. */
async function heartbeats(program: RunningProgram): Promise<readonly LoggedEvent[]> {
  const names = Array.from({ length: ENTRIES }, (_, index) => `entry-${index}`);
  return await Promise.all(names.map((name) =>
    program.event(
      `the heartbeat of ${name}`,
      ({ event, database }) => event === "heartbeat" && database === name,
      { timeoutMs: 120_000 },
    )
  ));
}

async function stopped(program: RunningProgram): Promise<LoggedEvent> {
  await program.stop();
  return await program.event("the end", ({ event }) => event === "stop");
}

/** Statements that are killed, one after the other. */
async function runStatements(server: LabServer, signal: AbortSignal): Promise<void> {
  await using client = await Client.connect(server, ACCOUNTS.app, { database: "test" });
  while (!signal.aborted) {
    await client.query("SELECT SLEEP(5) FROM (SELECT 1 UNION ALL SELECT 2) AS two").catch(() => {});
  }
}

/** A report of all that there is, again and again. */
async function report(file: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--allow-all",
        `${ROOT}main.ts`,
        "report",
        "--journal",
        file,
        "--since",
        "100d",
      ],
      stdout: "null",
      stderr: "inherit",
    }).output();
    if (code !== 0) throw new Error(`the report ended with ${code}`);
  }
}

/** All metrics, each second. */
async function readMetrics(program: RunningProgram, signal: AbortSignal): Promise<void> {
  const { address } = await program.event(
    "where it listens",
    ({ event, state }) => event === "http" && state === "listening",
  );
  while (!signal.aborted) {
    const response = await fetch(`http://${address}/metrics`);
    const text = await response.text();
    if (!response.ok || !text.includes("query_sniper_")) throw new Error(`no metrics: ${response.status}`);
    await pause(1000);
  }
}
