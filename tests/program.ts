import { fileURLToPath } from "node:url";
import { waitFor } from "./lab/wait_for.ts";

/** The checkout's top folder. */
export const ROOT: string = fileURLToPath(new URL("..", import.meta.url));

/** The binary's permissions, and what else its runtime is told, as `deno task compile` gives them. */
const PERMISSIONS = [
  "--no-prompt",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--unstable-net",
  "--unstable-worker-options",
];

/** How to start the program. Its environment is this process's own, but for what speaks to Query Sniper. */
export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** How long it may run before it is killed and the test fails; 60 seconds unless told. */
  readonly timeoutMs?: number;
  /** No file that it writes grows beyond this, as on a full disk; any size unless told. */
  readonly fileLimitKiB?: number;
  /** How many files it may have open; as many as this process unless told. */
  readonly files?: number;
  /** A file to run in place of {@linkcode programCommand}. */
  readonly binary?: string;
  /** Given each whole line of standard output as soon as it comes. */
  readonly told?: (line: string) => void;
}

/** What became of the program. `code` is 128 and the signal's number where a signal ended it. */
export interface ProgramResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program while it runs. Dispose of it (`await using`), so that no failing test leaves it behind. */
export interface RunningProgram extends AsyncDisposable {
  readonly pid: number;
  /** The whole lines that it has written to standard output so far. */
  readonly lines: readonly string[];
  /** What it has written to standard error so far. */
  readonly stderr: string;
  /** Its end, whatever brings it about. */
  readonly ended: Promise<ProgramResult>;
  /** Waits for the first line of standard output that passes the test, those already there included. */
  line(what: string, test: (line: string) => boolean, options?: WaitOptions): Promise<string>;
  /** Waits for the first event of JSON Lines that passes the test, those already there included. */
  event(what: string, test: (event: LoggedEvent) => boolean, options?: WaitOptions): Promise<LoggedEvent>;
  /** Sends a signal; does nothing where it has ended. */
  signal(signal: Deno.Signal): void;
  /** Sends a signal and waits for the end. */
  stop(signal?: Deno.Signal): Promise<ProgramResult>;
}

/** How long to wait; 10 seconds unless told. */
export interface WaitOptions {
  readonly timeoutMs?: number;
}

/** An event as `--log-format json` writes it. */
export type LoggedEvent = Readonly<Record<string, unknown>> & { readonly event: string };

/**
 * Runs the real program to its end: the sources of this checkout, or the file that the environment
 * variable QUERY_SNIPER_BIN names.
 */
export async function runProgram(
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  await using program = startProgram(args, options);
  const { timeoutMs = 60_000 } = options;
  return await waitFor(
    `the end of query-sniper ${args.join(" ")}`,
    () => program.ended,
    { timeoutMs },
  );
}

/** The compiled program to test in place of the sources; undefined where none is named. */
export function namedBinary(): string | undefined {
  const binary = Deno.env.get("QUERY_SNIPER_BIN");
  return binary === "" ? undefined : binary;
}

/** The words that start the real program, in front of its arguments: from its bundle, where `tests/bundled.ts` made one. */
export function programCommand(): readonly string[] {
  const binary = namedBinary();
  if (binary !== undefined) return [binary];
  const bundle = Deno.env.get("QUERY_SNIPER_BUNDLE");
  const main = bundle === undefined ? `${ROOT}main.ts` : `${bundle}/main.js`;
  return [Deno.execPath(), "run", "--quiet", ...PERMISSIONS, main];
}

/** Starts the real program, in the way of {@linkcode runProgram}. */
export function startProgram(args: readonly string[], options: ProgramOptions = {}): RunningProgram {
  const command = options.binary === undefined ? programCommand() : [options.binary];
  const [file = "", ...before] = [...limited(options), ...command];
  const child = new Deno.Command(file, {
    args: [...before, ...args],
    clearEnv: true,
    env: { ...ownEnvironment(), ...options.env },
    cwd: options.cwd ?? ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return new Program(child, options.told);
}

/** What to put before a command for its limits; it gets an error, rather than the signal, where a file is too long. */
function limited({ fileLimitKiB, files }: ProgramOptions): readonly string[] {
  const limits = [
    ...fileLimitKiB === undefined ? [] : [`trap "" XFSZ; ulimit -f ${fileLimitKiB}`],
    ...files === undefined ? [] : [`ulimit -n ${files}`],
  ];
  return limits.length === 0 ? [] : ["bash", "-c", `${limits.join("; ")}; exec "$@"`, "bash"];
}

/** This process's environment without what would reach the program by accident. */
function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Deno.env.toObject())
      .filter(([name]) => !name.startsWith("QUERY_SNIPER_") && name !== "NO_COLOR"),
  );
}

class Program implements RunningProgram {
  readonly ended: Promise<ProgramResult>;
  readonly #child: Deno.ChildProcess;
  #hasEnded = false;
  #stdout = "";
  #stderr = "";

  readonly #told: ((line: string) => void) | undefined;

  constructor(child: Deno.ChildProcess, told?: (line: string) => void) {
    this.#child = child;
    this.#told = told;
    this.ended = this.#watch();
  }

  get pid(): number {
    return this.#child.pid;
  }

  get lines(): readonly string[] {
    return this.#stdout.split("\n").slice(0, -1);
  }

  get stderr(): string {
    return this.#stderr;
  }

  line(what: string, test: (line: string) => boolean, options?: WaitOptions): Promise<string> {
    return this.#find(what, () => this.lines.find(test), options);
  }

  event(
    what: string,
    test: (event: LoggedEvent) => boolean,
    options?: WaitOptions,
  ): Promise<LoggedEvent> {
    return this.#find(
      what,
      () => this.lines.map((line) => JSON.parse(line) as LoggedEvent).find(test),
      options,
    );
  }

  signal(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It ended just before; `ended` tells how.
    }
  }

  stop(signal: Deno.Signal = "SIGTERM"): Promise<ProgramResult> {
    this.signal(signal);
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
  }

  /** A program that has ended writes no more: then the wait is over as well, with all that it said. */
  async #find<T>(what: string, find: () => T | undefined, options?: WaitOptions): Promise<T> {
    const found = await waitFor(what, () => {
      const ended = this.#hasEnded;
      const value = find();
      return Promise.resolve(value === undefined ? ended && "ended" as const : { value });
    }, options).catch((error) => {
      throw new Error(`${error.message}${this.#said()}`, { cause: error });
    });
    if (found === "ended") throw new Error(`The program ended without ${what}${this.#said()}`);
    return found.value;
  }

  #said(): string {
    return `\nstdout:\n${this.#stdout}\nstderr:\n${this.#stderr}`;
  }

  #hear(text: string): void {
    const last = this.#stdout.lastIndexOf("\n") + 1;
    this.#stdout += text;
    if (this.#told === undefined) return;
    for (const line of this.#stdout.slice(last).split("\n").slice(0, -1)) this.#told(line);
  }

  async #watch(): Promise<ProgramResult> {
    const { stdout, stderr, status } = this.#child;
    const [{ code }] = await Promise.all([
      status,
      collect(stdout, (text) => this.#hear(text)),
      collect(stderr, (text) => this.#stderr += text),
    ]);
    this.#hasEnded = true;
    return { code, stdout: this.#stdout, stderr: this.#stderr };
  }
}

async function collect(stream: ReadableStream<Uint8Array>, add: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const bytes of stream) add(decoder.decode(bytes, { stream: true }));
  add(decoder.decode());
}
