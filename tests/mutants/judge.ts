import type { RanTest } from "./protocol.ts";
import { RunnerError, RunnerProcess } from "./runner_process.ts";
import type { Mutant } from "./sources.ts";

/** What became of a mutant. */
export type Fate = "killed" | "timeout" | "survived" | "not reached";

/** What is known of the tests before any mutant is tried. */
export interface Baseline {
  /** The folder of the sources with switches. */
  readonly tree: string;
  /** The files of the tests. */
  readonly files: readonly string[];
  /** The fastest first. */
  readonly tests: readonly RanTest[];
  /** The mutants that are reached while tests are loaded. */
  readonly loaded: ReadonlySet<number>;
}

/** How long a test may take that takes no time where nothing is changed, in milliseconds. */
const PATIENCE = 5000;

/** What takes longer than this is no test to run a thousand times, in milliseconds. */
const SLOW = 1000;

/** Runs the tests once with nothing changed: what each reaches, and how long it takes. */
export async function baselineOf(tree: string, files: readonly string[]): Promise<Baseline> {
  await using runner = await RunnerProcess.start(tree, { files });
  const { tests, loaded } = runner.loaded;
  const { ran } = await runner.run({ mutant: 0, tests }, 600_000);
  const failed = ran.filter(({ failed }) => failed).map(({ name }) => name);
  if (failed.length > 0) throw new Error(`Tests fail without any mutant: ${failed.join(", ")}`);
  const quick = ran.filter(({ ms }) => ms < SLOW).toSorted((a, b) => a.ms - b.ms);
  return { tree, files: filesOf(quick), tests: quick, loaded: new Set(loaded) };
}

/** Tries mutants, one after the other. */
export class Judge implements AsyncDisposable {
  readonly #baseline: Baseline;
  #runner: RunnerProcess | undefined;

  constructor(baseline: Baseline) {
    this.#baseline = baseline;
  }

  /**
   * What becomes of a mutant. One process tries many: what an earlier one has left behind there may hide a later one,
   * which counts as survived then. Only what is reached while tests are loaded takes a process of its own.
   */
  async fateOf(mutant: Mutant): Promise<Fate> {
    const reaching = this.#baseline.tests.filter(({ hits }) => hits.includes(mutant.id));
    const isLoaded = this.#baseline.loaded.has(mutant.id);
    if (reaching.length === 0 && !isLoaded) return "not reached";
    const together = reaching.length === 0
      ? "survived"
      : await this.#tryTogether(mutant, inOrder(mutant, reaching));
    if (together === "doubtful") return await this.#tryAlone(mutant, reaching);
    if (together !== "survived" || !isLoaded) return together;
    // What is there since the tests were loaded, such as a table, may be all that a test of its own folder looks at.
    const some = this.#baseline.tests.filter((test) => test.hits.length > 0 || isOwn(mutant.file)(test));
    return await this.#tryAlone(mutant, some);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }

  /** `doubtful`: a test fails without it as well by now. */
  async #tryTogether({ id }: Mutant, tests: readonly RanTest[]): Promise<Fate | "doubtful"> {
    const { tree, files } = this.#baseline;
    this.#runner ??= await RunnerProcess.start(tree, { files });
    const runner = this.#runner;
    try {
      const { ran } = await runner.run({ mutant: id, tests: namesOf(tests) }, patienceFor(tests));
      const last = ran.at(-1)!;
      if (!last.failed) return "survived";
      const { ran: [again] } = await runner.run({ mutant: 0, tests: [last.name] }, patienceFor(tests));
      if (!again!.failed) return "killed";
      await this.#stop();
      return "doubtful";
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error;
      await this.#stop();
      return "timeout";
    }
  }

  /** In a process of its own, the mutant being there before anything is loaded. */
  async #tryAlone({ id, file }: Mutant, tests: readonly RanTest[]): Promise<Fate> {
    const [own, others] = [tests.filter(isOwn(file)), tests.filter((test) => !isOwn(file)(test))];
    for (const some of [own, others]) {
      if (some.length === 0) continue;
      try {
        await using runner = await RunnerProcess.start(this.#baseline.tree, {
          files: filesOf(some),
          mutant: id,
        });
        const { ran } = await runner.run({ mutant: id, tests: namesOf(some) }, patienceFor(some));
        if (ran.at(-1)!.failed) return "killed";
      } catch (error) {
        if (!(error instanceof RunnerError)) throw error;
        return error.message === "timeout" ? "timeout" : "killed";
      }
    }
    return "survived";
  }

  async #stop(): Promise<void> {
    await this.#runner?.[Symbol.asyncDispose]();
    this.#runner = undefined;
  }
}

/** Those of the mutant's own folder come first. */
function inOrder({ file }: Mutant, tests: readonly RanTest[]): readonly RanTest[] {
  return [...tests.filter(isOwn(file)), ...tests.filter((test) => !isOwn(file)(test))];
}

function isOwn(file: string): (test: RanTest) => boolean {
  const folder = file.replace(/^src\//, "tests/").replace(/[^/]+$/, "");
  return ({ name }) => fileOf(name).startsWith(folder);
}

function fileOf(test: string): string {
  return test.slice(0, test.indexOf(": "));
}

function filesOf(tests: readonly RanTest[]): readonly string[] {
  return [...new Set(tests.map(({ name }) => fileOf(name)))];
}

function namesOf(tests: readonly RanTest[]): readonly string[] {
  return tests.map(({ name }) => name);
}

function patienceFor(tests: readonly RanTest[]): number {
  return PATIENCE + 5 * tests.reduce((sum, { ms }) => sum + ms, 0);
}
