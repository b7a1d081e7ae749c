// What a fleet costs: databases that all lead to a few lab servers of MariaDB, each looked at once a second, its gate and
// its sessions read at every look. Processor time and resident memory of our process alone, how late looks were, and the
// same for one pt-kill (percona-toolkit), where it is installed, times as many: it is one process for each server. For
// 100, 300 and 1,000 databases, since growth should be linear; with --soak memory is watched for longer. In a dry run, and
// of the most databases also armed: then each has a second connection, for kills, and each look asks for the lease.
//
// The program is the bundle that a release is compiled from, with the release's options for its engine, run by the Deno
// that runs this benchmark; for the most databases also the compiled binary, where its runtime is another one.
//
// The servers stand for a thousand machines that are not this one. So there are ten of them, since what a look costs the
// server grows with its connections; they have their temporary tables in memory, as MariaDB's list of sessions is one; each
// runs one statement at a time, as it would where one of us asks it; and what there is of processor time goes to us first
// (nice 19). How many looks are late is counted by the heartbeat: 1% of them is the 99th percentile. The first minute, in
// which all connections are made, does not count.
//
// The limit: a round trip a look, and a socket with its buffers for each database.

import { type LabPair, type LabServer, startPair } from "../lab/mod.ts";
import { type LoggedEvent, namedBinary, type RunningProgram, runProgram, startProgram } from "../program.ts";
import { writeConfig } from "../integration/fixture.ts";
import {
  type Benchmark,
  type BenchOptions,
  type Figure,
  NOT_INSTALLED,
  pause,
  quantile,
  round,
} from "./figure.ts";
import { startPtKill } from "./pt_kill.ts";
import { type Use, useOf } from "./use.ts";
import { bundled } from "./binary.ts";

const COUNTS = [100, 300, 1000] as const;
const QUICK_COUNTS = [100, 1000] as const;
const PAIRS = 5;
/** For a thousand databases: percent of one core, MiB in all, percent of the looks more than 50 ms late. */
const TARGET = { cpu: 25, rss: 160, late: 1 };
/** Linear: a database of a thousand costs at most this many times one of a hundred. */
const LINEAR = 1.2;
/** Flat: at the end of a soak memory is at most this many times that at its beginning. */
const FLAT = 1.1;

const SMALL = [
  "--max-connections=1000",
  "--innodb-buffer-pool-size=8M",
  "--innodb-log-buffer-size=2M",
  "--performance-schema=OFF",
  "--thread-handling=pool-of-threads",
  "--thread-pool-size=1",
];

const RULES = `
  policies:
    - name: reads
      when: threads_running > 0 and hll >= 0
      where: running and user = 'app' and time > 1s
      then: kill query
`;

/** A heartbeat comes once a minute: so long a time has one of each database, in seconds. */
const MINUTE = 62;

/** What a fleet of some size came to. */
interface Fleet {
  readonly databases: number;
  readonly connectSeconds: number;
  /** Percent of one core. */
  readonly cpu: number;
  /** In MiB. */
  readonly rss: number;
  /** Percent of the looks. */
  readonly late: number;
  /** The latest look of each database and minute, in milliseconds. */
  readonly latest: readonly number[];
  readonly skipped: number;
  /** Resident memory at the beginning and at the end of the soak. */
  readonly soak?: readonly [number, number];
}

export const fleet: Benchmark = async (options) => {
  const pairs: LabPair[] = [];
  const binary = namedBinary();
  await using bundle = await bundled("main.ts");
  await understood(bundle.file);
  try {
    await inMemory(async () => {
      for (let index = 0; index < PAIRS; index++) {
        pairs.push(await startPair("mariadb", { serverArguments: SMALL }));
      }
    });
    const servers = pairs.flatMap(({ primary, replica }) => [primary, replica]);
    await yieldTo(servers);
    const fleets: Fleet[] = [];
    for (const count of options.quick ? QUICK_COUNTS : COUNTS) {
      fleets.push(await ours(servers, count, { ...options, program: bundle.file }));
    }
    const { soak: _, ...brief } = options;
    const largest = COUNTS.at(-1)!;
    const armed = await ours(servers, largest, { ...brief, program: bundle.file, mode: "enforce" });
    const compiled = options.quick || binary === undefined
      ? undefined
      : await ours(servers, largest, { ...brief, program: binary });
    return figuresOf(fleets, { armed, compiled }, await theirs(servers[0]!, options.quick ? 10 : 30));
  } finally {
    for (const pair of pairs) await pair.stop();
  }
};

/**
 * Starts the program once: Deno keeps what it made out of the modules, and the memory that this takes is not given back.
 * The binary has it in itself.
 */
async function understood(program: string): Promise<void> {
  await using config = await writeConfig({
    rules: RULES,
    databases: ["{ name: none, host: 127.0.0.1, port: 1 }"],
  });
  const { code, stderr } = await runProgram(["once", "-c", config.file], { binary: program });
  if (code === 2) throw new Error(stderr);
}

/** Makes temporary folders in memory meanwhile, where the machine has a place for that. */
async function inMemory(make: () => Promise<void>): Promise<void> {
  const place = "/dev/shm";
  const before = Deno.env.get("TMPDIR");
  const isThere = await Deno.stat(place).then(({ isDirectory }) => isDirectory, () => false);
  if (isThere) Deno.env.set("TMPDIR", place);
  try {
    await make();
  } finally {
    if (before === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", before);
  }
}

/** Lets servers have what others leave of the processors; their threads inherit that. */
async function yieldTo(servers: readonly LabServer[]): Promise<void> {
  const pids = servers.flatMap(({ pid }) => pid === undefined ? [] : [`${pid}`]);
  const { success } = await new Deno.Command("renice", {
    args: ["-n", "19", "-p", ...pids],
    stdout: "null",
    stderr: "null",
  }).output();
  if (!success) throw new Error("renice failed: what is late would be the servers'");
}

async function ours(
  servers: readonly LabServer[],
  count: number,
  { mode = "dry-run", ...options }: BenchOptions & {
    readonly program: string;
    readonly mode?: "dry-run" | "enforce";
  },
): Promise<Fleet> {
  const rows = Array.from({ length: count }, (_, index) => {
    const { host, port } = servers[index % servers.length]!;
    return `{ name: db-${index}, host: ${host}, port: ${port} }`;
  });
  await using config = await writeConfig({ mode, rules: RULES, databases: rows });
  const text = await Deno.readTextFile(config.file);
  await Deno.writeTextFile(config.file, text.replace("interval: 100ms", "interval: 1s"));
  const args = ["run", "-c", config.file, "--log-format", "json"];
  await using program = startProgram(args, { binary: options.program });
  const connectSeconds = await allConnected(program, count);
  await pause(MINUTE * 1000);
  const begun = program.lines.length;
  const { cpu, rss } = await over(program.pid, MINUTE);
  const beats = program.lines.slice(begun).map((line) => JSON.parse(line)).filter(({ event }) =>
    event === "heartbeat"
  );
  const soak = options.soak !== undefined && count === COUNTS.at(-1)
    ? await soaked(program.pid, options.soak)
    : undefined;
  await program.stop();
  return {
    databases: count,
    connectSeconds,
    cpu,
    rss,
    late: 100 * sumOf(beats, "late") / sumOf(beats, "looks"),
    latest: beats.map(({ late_ms }) => Number(late_ms)),
    skipped: sumOf(beats, "skipped"),
    ...soak && { soak },
  };
}

function sumOf(beats: readonly LoggedEvent[], field: string): number {
  return beats.reduce((sum, beat) => sum + Number(beat[field]), 0);
}

/** How long it took until all databases were connected to, in seconds. */
async function allConnected(program: RunningProgram, count: number): Promise<number> {
  const connected = () => program.lines.filter((line) => line.includes('"event":"connected"')).length;
  const started = performance.now();
  while (connected() < count) {
    if (performance.now() - started > 120_000) {
      throw new Error(`${connected()} of ${count} were connected to`);
    }
    await pause(200);
  }
  return (performance.now() - started) / 1000;
}

/** Processor time in percent of one core, and memory in MiB at the end. */
async function over(pid: number, seconds: number): Promise<Use> {
  const before = await useOf(pid);
  await pause(seconds * 1000);
  const after = await useOf(pid);
  return { cpu: (after.cpu - before.cpu) / (seconds * 10), rss: after.rss };
}

/** The mean of the first and of the last fifth of the time: memory goes up and down with what is collected. */
async function soaked(pid: number, seconds: number): Promise<readonly [number, number]> {
  const values: number[] = [];
  for (let second = 0; second < seconds; second += 2) {
    values.push((await useOf(pid)).rss);
    await pause(2000);
  }
  const part = Math.ceil(values.length / 5);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean(values.slice(0, part)), mean(values.slice(-part))];
}

async function theirs(server: LabServer, seconds: number): Promise<Use | undefined> {
  await using ptKill = startPtKill(server, ["--busy-time", "10", "--match-user", "app", "--print"]);
  if (ptKill === undefined) return undefined;
  await pause(3000);
  return await over(ptKill.pid, seconds);
}

function figuresOf(
  fleets: readonly Fleet[],
  { armed, compiled }: { readonly armed: Fleet; readonly compiled: Fleet | undefined },
  ptKill: Use | undefined,
): readonly Figure[] {
  const [smallest, largest] = [fleets[0]!, fleets.at(-1)!];
  const growth = (largest.cpu / largest.databases) / (smallest.cpu / smallest.databases);
  return [
    ...fleets.flatMap((fleet) => sizeFigures(fleet, ptKill, { judged: fleet === largest })),
    ...sizeFigures(armed, ptKill, { judged: true, by: ", armed" }),
    ...compiled === undefined
      ? []
      : sizeFigures(compiled, ptKill, { judged: false, by: ", compiled with an older runtime" }),
    {
      benchmark: "fleet",
      what: `processor time of one database of ${largest.databases}, against one of ${smallest.databases}`,
      ours: `${round(largest.cpu * 10 / largest.databases)} ms/s`,
      theirs: `${round(smallest.cpu * 10 / smallest.databases)} ms/s`,
      ratio: round(growth),
      target: `<= ${LINEAR}`,
      met: growth <= LINEAR,
    },
    ...largest.soak === undefined ? [] : [soakFigure(largest.soak)],
  ];
}

function sizeFigures(
  { databases, cpu, rss, late, latest, skipped, connectSeconds }: Fleet,
  ptKill: Use | undefined,
  { judged, by = "" }: { readonly judged: boolean; readonly by?: string },
): readonly Figure[] {
  const line = (what: string, value: number, options: {
    readonly unit: string;
    readonly target: number;
    readonly other?: number | undefined;
    readonly note?: string;
  }): Figure => ({
    benchmark: "fleet",
    what: `${databases} databases${by}: ${what}`,
    ours: `${round(value)} ${options.unit}`,
    ...options.other !== undefined && {
      theirs: `${round(options.other)} ${options.unit}`,
      ratio: round(value / options.other),
    },
    ...judged && { target: `<= ${options.target} ${options.unit}`, met: value <= options.target },
    ...options.note !== undefined && { note: options.note },
  });
  const note = `latest of a minute: median ${quantile(latest, 0.5)} ms, worst ${
    Math.max(...latest)
  } ms; ${skipped} skipped; all connected in ${round(connectSeconds)} s`;
  const times = ptKill === undefined ? NOT_INSTALLED : `one pt-kill times ${databases}`;
  return [
    line(`of one core; ${times}`, cpu, {
      unit: "%",
      target: TARGET.cpu,
      other: ptKill && ptKill.cpu * databases,
    }),
    line(`memory; ${times}`, rss, {
      unit: "MiB",
      target: TARGET.rss,
      other: ptKill && ptKill.rss * databases,
    }),
    line("looks more than 50 ms late", late, { unit: "%", target: TARGET.late, note }),
  ];
}

function soakFigure([first, last]: readonly [number, number]): Figure {
  return {
    benchmark: "fleet",
    what: "memory at the end of the soak, against its beginning",
    ours: `${round(last)} MiB`,
    theirs: `${round(first)} MiB`,
    ratio: round(last / first),
    target: `<= ${FLAT}`,
    met: last / first <= FLAT,
  };
}
