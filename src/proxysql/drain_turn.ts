import { dirname } from "node:path";
import type { Clock } from "../clock.ts";
import { FileLock } from "../journal/mod.ts";
import { printable } from "../text/control.ts";
import { AdminError } from "./admin_error.ts";
import { writing } from "./drain_file.ts";

/** Who does something that nobody else may do meanwhile. */
export interface TurnOptions {
  /** The file that says that ProxySQL drains; the turn has one beside it. */
  readonly file: string;
  readonly work: "drain" | "resume";
  /** Which program it is, for the others. */
  readonly by: string;
  readonly clock: Clock;
  /** How long to wait for another program, in milliseconds. */
  readonly patience: number;
  readonly signal?: AbortSignal | undefined;
  /** Is told whom it waits for, if it has to wait. */
  waits?(who: string): void;
}

/** Whoever has not got it by then is taken to wait for another program, in real milliseconds. */
const MOMENT = 250;

/**
 * Takes the turn: of all programs that share the file one at a time drains its ProxySQL, or undoes that. It ends with the
 * program, however that ends.
 * @throws {AdminError} `busy`: another program has it, and who that is; or what waits was called off.
 * @throws {DrainFileError} The file beside it cannot be written.
 */
export async function takeTurn(options: TurnOptions): Promise<Disposable> {
  const { file, work, by, clock, patience, signal, waits } = options;
  const folder = dirname(file);
  await writing(folder, () => Deno.mkdir(folder, { recursive: true }));
  const path = `${file}.lock`;
  const lock = await writing(path, () => FileLock.ask(path));
  try {
    if (!await writing(path, () => lock.isHeldWithin(MOMENT))) {
      const who = whoIn(await writing(path, () => lock.read()));
      if (patience <= 0) throw new AdminError("busy", who, ADVICE);
      waits?.(who);
      const over = new AbortController();
      const late = clock.sleep(
        patience,
        AbortSignal.any([over.signal, ...signal === undefined ? [] : [signal]]),
      );
      const isHeld = await lock.isHeld(late).finally(() => over.abort());
      if (!isHeld) throw new AdminError("busy", who, ADVICE);
    }
    const since = new Date(clock.wall()).toISOString();
    await writing(path, () => lock.write(`${JSON.stringify({ work, by, pid: Deno.pid, since })}\n`));
    return lock;
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

const ADVICE = "two programs must not do that at once: wait until it has ended, or end it";

/** Says who has the turn, by what it wrote there. */
function whoIn(text: string): string {
  const { work, by, pid, since } = parsed(text);
  const does = work === "resume" ? "takes it out of a drain" : "drains it";
  if (typeof by !== "string" || typeof since !== "string") return `another program ${does} already`;
  return printable(`${by} (process ${pid}) ${does} already, since ${since}`);
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}
