// `once` from start to exit as a compiled binary, on one healthy database: against a compiled program that only connects
// with mysql2, asks one query and exits. Medians of runs in turn, each a process of its own, with V8's code cache warm.
//
// Both encrypt, or both do not: with `ssl_mode: preferred`, the default, `once` does where the server offers it, as MySQL
// does by itself and MariaDB 10.11 does not.
//
// The limit: an empty program, which is the runtime's own start; and the driver, which has to be loaded and to log in.
// `bundled` is that program made of one file as ours is, in place of one for each module of the driver.

import { dirname } from "node:path";
import { ACCOUNTS, availableFlavors, type LabServer, startPair } from "../lab/mod.ts";
import { writeConfig } from "../integration/fixture.ts";
import { compile } from "./binary.ts";
import { type Benchmark, type Figure, median, round } from "./figure.ts";

/** At most this many times the minimal program. */
const TARGET = 1.6;

const rules = (tls: boolean) => `
  ssl_mode: ${tls ? "required" : "disabled"}
  policies:
    - name: impacted
      when:  lag > 30s or hll > 1M
      where: running and verb = 'select' and time > 10s
      then:  kill query
`;

const PROGRAMS = {
  ours: { file: "main.ts", how: "bundled" },
  minimal: { file: "tests/bench/programs/minimal.ts", how: "plain" },
  bundled: { file: "tests/bench/programs/minimal.ts", how: "bundled" },
  empty: { file: "tests/bench/programs/empty.ts", how: "plain" },
} as const;

type Name = keyof typeof PROGRAMS;
const NAMES = Object.keys(PROGRAMS) as readonly Name[];

export const once: Benchmark = async ({ quick }) => {
  const folder = await Deno.makeTempDir({ prefix: "query-sniper-bench-" });
  try {
    for (const name of NAMES) await compile(PROGRAMS[name].file, `${folder}/${name}`, PROGRAMS[name].how);
    const figures: Figure[] = [];
    for (const flavor of await availableFlavors()) {
      await using pair = await startPair(flavor);
      const runs = quick ? 7 : 21;
      figures.push(...await measure(folder, pair.primary, { runs, tls: false }));
      if (flavor === "mysql") figures.push(...await measure(folder, pair.primary, { runs, tls: true }));
    }
    return figures;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
};

async function measure(
  folder: string,
  server: LabServer,
  { runs, tls }: { readonly runs: number; readonly tls: boolean },
): Promise<readonly Figure[]> {
  await using config = await writeConfig({ mode: "dry-run", rules: rules(tls), databases: [server] });
  const { user, password } = ACCOUNTS.sniper;
  const login = [server.host, String(server.port), user, password, ...tls ? ["tls"] : []];
  const args: Record<Name, readonly string[]> = {
    ours: ["once", "-c", config.file],
    minimal: login,
    bundled: login,
    empty: [],
  };
  const times: Record<Name, number[]> = { ours: [], minimal: [], bundled: [], empty: [] };
  // The first two runs of each write and read the code cache.
  for (let index = -2; index < runs; index++) {
    for (const name of NAMES) {
      const time = await run([`${folder}/${name}`, ...args[name]]);
      if (index >= 0) times[name].push(time);
    }
  }
  return figuresOf(times, `${server.flavor}${tls ? " by TLS" : ""}`);
}

function figuresOf(times: Readonly<Record<Name, readonly number[]>>, server: string): readonly Figure[] {
  const [ours, minimal, bundled, empty] = NAMES.map((name) => median(times[name]));
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  const base = { benchmark: "once", ours: ms(ours!) };
  return [{
    ...base,
    what: `start to exit, ${server}, against a program that only connects and asks`,
    theirs: ms(minimal!),
    ratio: round(ours! / minimal!),
    target: `<= ${TARGET}`,
    met: ours! / minimal! <= TARGET,
  }, {
    ...base,
    what: `${server}, against that program made of one file (an empty one: ${ms(empty!)})`,
    theirs: ms(bundled!),
    ratio: round(ours! / bundled!),
  }];
}

/** Runs a program to its end, and returns how long that took, in milliseconds. */
async function run([file, ...args]: readonly string[]): Promise<number> {
  const begun = performance.now();
  const { code, stderr } = await new Deno.Command(file!, {
    args,
    // Where the code cache goes.
    env: { TMPDIR: dirname(file!) },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  })
    .output();
  const time = performance.now() - begun;
  if (code !== 0) throw new Error(`${file} failed: ${new TextDecoder().decode(stderr)}`);
  return time;
}
