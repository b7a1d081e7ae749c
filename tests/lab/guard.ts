// The parent's side of the guard script, which owns a lab's folder and processes and removes them all when
// this process ends, in whatever way.

import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("./guard", import.meta.url));

/** What became of a process: still running, or its exit code (128 + the number of the signal that ended it). */
export type ProcessState = "running" | { readonly code: number };

/** A temporary folder and the processes that run in it. */
export class Guard {
  readonly folder: string;
  readonly #child: Deno.ChildProcess;
  readonly #lines: LineReader;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  #last: Promise<unknown> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  private constructor(child: Deno.ChildProcess, lines: LineReader, folder: string) {
    this.#child = child;
    this.#lines = lines;
    this.#input = child.stdin.getWriter();
    this.folder = folder;
  }

  /** Makes the folder. Throws where there is no `bash` or the temporary folder cannot be written. */
  static async start(): Promise<Guard> {
    // Detached: a Ctrl-C or a signal to the whole process group is not to end the guard before its work is done.
    const child = new Deno.Command("bash", {
      args: [SCRIPT],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
      detached: true,
    }).spawn();
    // At once and for ever. A forgotten lab must not keep the program from ending: its end is what cleans up.
    // And Deno kills a child that is not unref'd when an uncaught error ends the program (denoland/deno#32563):
    // the guard would die amid its work.
    child.unref();
    const lines = new LineReader(child.stdout);
    const folder = await keepAlive(lines.next());
    if (folder === undefined) throw new Error("The lab's guard did not start: no temporary folder");
    return new Guard(child, lines, folder);
  }

  /** Runs the folder's shell script `name`.sh in the background, and returns its process id. */
  async run(name: string): Promise<number> {
    const answer = await this.#ask(`start ${name}`);
    const pid = Number(answer);
    if (!Number.isInteger(pid) || pid <= 0) {
      throw new Error(`The lab's guard did not start "${name}": ${answer}`);
    }
    return pid;
  }

  /** The state of a process that {@linkcode run} started. */
  async state(pid: number): Promise<ProcessState> {
    const answer = await this.#ask(`state ${pid}`);
    return answer === "running" ? "running" : { code: Number(answer.replace("exited ", "")) };
  }

  /** Kills what still runs, removes the folder, and returns when both are gone. */
  stop(): Promise<void> {
    this.#stopped ??= keepAlive(this.#stop());
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    await this.#last;
    await this.#input.close().catch(() => {});
    await this.#lines.close();
    await this.#child.status;
  }

  #ask(line: string): Promise<string> {
    if (this.#stopped !== undefined) return Promise.reject(new Error("The lab was stopped"));
    const answer = keepAlive(this.#last.then(async () => {
      await this.#input.write(new TextEncoder().encode(`${line}\n`));
      const text = await this.#lines.next();
      if (text === undefined) throw new Error("The lab's guard ended before its time");
      return text;
    }));
    this.#last = answer.catch(() => {});
    return answer;
  }
}

/** Keeps the program from ending while something is waited for: the guard, unref'd, does not. */
async function keepAlive<T>(work: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, 60_000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

class LineReader {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next line without its end, or undefined at the end of the stream. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#reader.read();
      if (done) return undefined;
      this.#rest += value;
    }
  }

  async close(): Promise<void> {
    while ((await this.next()) !== undefined);
    this.#reader.releaseLock();
  }
}
