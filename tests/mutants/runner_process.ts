import { type Loaded, MARK, type Ran, type Run } from "./protocol.ts";

/** How long the files of tests may take to load, in milliseconds. */
const LOADING = 60_000;

/** A runner that has ended, or was ended since it did not answer in time. */
export class RunnerError extends Error {}

/** A process that runs unit tests; see `runner.ts`. */
export class RunnerProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#lines = answersOf(child.stdout);
  }

  /**
   * @param tree Where the sources with switches are.
   * @param options.mutant One that is there from the start.
   * @throws {RunnerError}
   */
  static async start(
    tree: string,
    { files, mutant = 0 }: { readonly files: readonly string[]; readonly mutant?: number },
  ): Promise<RunnerProcess & { readonly loaded: Loaded }> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--allow-all",
        "--no-check",
        "--quiet",
        "tests/mutants/runner.ts",
        ...files,
      ],
      cwd: tree,
      env: { MUTANT: String(mutant) },
      stdin: "piped",
      stdout: "piped",
      // A mutant makes tests say much; without one there is something to say only where that is of use.
      stderr: mutant === 0 ? "inherit" : "null",
    }).spawn();
    const runner = new RunnerProcess(child);
    try {
      return Object.assign(runner, { loaded: await runner.#answer(LOADING) as Loaded });
    } catch (error) {
      await runner[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** @throws {RunnerError} Where it does not answer in time: it is of no use then. */
  async run(run: Run, milliseconds: number): Promise<Ran> {
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(run)}\n`)).catch(() => {});
    return await this.#answer(milliseconds) as Ran;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#writer.close().catch(() => {});
    await this.#child.status;
  }

  async #answer(milliseconds: number): Promise<unknown> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), milliseconds);
    });
    const answer = await Promise.race([this.#lines.next(), late]);
    clearTimeout(timer);
    if (answer === undefined) throw new RunnerError("timeout");
    if (answer.done === true) throw new RunnerError("the process of the tests has ended");
    return JSON.parse(answer.value);
  }
}

async function* answersOf(stdout: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const part of stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + part).split("\n");
    rest = lines.pop()!;
    for (const line of lines) if (line.startsWith(MARK)) yield line.slice(MARK.length);
  }
}
