/**
 * How good the unit tests are: changes one thing of the sources at a time, runs the tests that reach it, and prints what
 * none of them noticed. No servers. `deno task mutants [--max N] [--seed N] [--jobs N] [FOLDER | FILE]…`
 */
import { parseArgs } from "@std/cli/parse-args";
import { baselineOf, type Fate, Judge } from "./judge.ts";
import { type Mutant, Sources } from "./sources.ts";
import { filesBelow, isIn, Tree, unitTestsOf } from "./tree.ts";

/** Where it has to be noticed. */
const ROOMS = [
  ...["src/policy", "src/look", "src/events"],
  ...["src/mysql/executor", "src/mysql/never.ts", "src/mysql/consent.ts", "src/mysql/victim_orders.ts"],
];

const { _: asked, max = "Infinity", seed = "1", jobs = String(navigator.hardwareConcurrency) } = parseArgs(
  Deno.args,
  { string: ["max", "seed", "jobs"] },
) as Arguments;
interface Arguments {
  readonly _: readonly (string | number)[];
  readonly max?: string;
  readonly seed?: string;
  readonly jobs?: string;
}
const rooms = asked.length === 0 ? ROOMS : asked.map((room) => String(room).replace(/\/$/, ""));

const files = (await Promise.all(rooms.map((room) => room.endsWith(".ts") ? [room] : filesBelow(room))))
  .flat();
const sources = new Sources(files);
const switched = files.map((file) => sources.switched(file));
const mutants = sampled(switched.flatMap(({ mutants }) => mutants), Number(max), Number(seed));

await using tree = await Tree.plant(switched);
const tests = await unitTestsOf(rooms);
const baseline = await baselineOf(tree.folder, tests);
tell(`${mutants.length} mutants, ${baseline.tests.length} tests of ${tests.length} files`);

const fates = new Map<Mutant, Fate>();
const left = [...mutants];
await Promise.all(Array.from({ length: Number(jobs) }, async () => {
  await using judge = new Judge(baseline);
  for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
    fates.set(mutant, await judge.fateOf(mutant));
    if (fates.size % 100 === 0) tell(`${fates.size} of ${mutants.length}`);
  }
}));

const survivors = mutants.filter((mutant) => ["survived", "not reached"].includes(fates.get(mutant)!));
const refused = new Set(survivors.filter((mutant) => !sources.compiles(mutant)));
for (const mutant of survivors.filter((mutant) => !refused.has(mutant))) {
  print(`${fates.get(mutant)} ${sources.shown(mutant)}`);
}
for (const room of rooms) report(room, mutants.filter(({ file }) => isIn(file, room)));

/** What the type checker refuses is no mutant. Of what tests killed it was not asked. */
function report(room: string, all: readonly Mutant[]): void {
  const counted = all.filter((mutant) => !refused.has(mutant));
  const count = (...wanted: readonly Fate[]) =>
    counted.filter((mutant) => wanted.includes(fates.get(mutant)!)).length;
  if (counted.length === 0) return;
  const killed = count("killed", "timeout");
  print(
    `${room}: ${(100 * killed / counted.length).toFixed(1)}% of ${counted.length} killed, ` +
      `${count("timeout")} of them by a timeout; ${count("survived")} survived, ` +
      `${count("not reached")} are reached by no test; ${all.length - counted.length} do not compile`,
  );
}

/** Some of the mutants, the same for the same seed, in their order. */
function sampled(all: readonly Mutant[], max: number, seed: number): readonly Mutant[] {
  if (all.length <= max) return all;
  // A linear congruential generator: good enough to draw lots.
  let state = seed >>> 0;
  const lots = all.map((mutant) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return { mutant, lot: state };
  });
  return lots.toSorted((a, b) => a.lot - b.lot).slice(0, max).map(({ mutant }) => mutant)
    .toSorted((a, b) => a.id - b.id);
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

function tell(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}
