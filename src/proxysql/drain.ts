import { dirname } from "node:path";
import type { DrainConfig } from "../config/mod.ts";
import { carryOut, type Intend } from "./act.ts";
import type { Admin } from "./admin.ts";
import { AdminError } from "./admin_error.ts";
import { writing } from "./drain_file.ts";
import type { Drained, DrainOptions } from "./drain_options.ts";
import { endSessions } from "./drain_sessions.ts";
import { takeTurn } from "./drain_turn.ts";
import { isPaused } from "./health.ts";
import { pause } from "./pause.ts";
import { isIdle, readSessions } from "./session.ts";
import { type Statement, STATEMENTS } from "./statement.ts";
import { byName } from "./value.ts";
import { messageOf } from "../text/message.ts";

/**
 * Drains a ProxySQL: the file says that it is not ready any more, PAUSE refuses new connections, and then sessions that are
 * idle and in no transaction are ended, as they become so; those that work are waited for. Each step may be done again: a
 * drain that was interrupted goes on where it was.
 * Of programs that share the file one drains at a time, and the others wait.
 * @throws {AdminError} Before the file is written, or where it cannot be paused; `busy`: another program still drains.
 * @throws {Error} What `intend` throws, unless it is the last chance; what could not be written down was not done.
 */
export async function drain(admin: Admin, given: DrainOptions): Promise<Drained> {
  const options = given.isLastChance === true ? { ...given, intend: forgiving(given) } : given;
  const { config, clock, tell, signal } = options;
  await admin.rows(STATEMENTS.globals());
  if (!admin.mayWrite) throw new AdminError("unknown", "a drain needs an administrator of ProxySQL");
  const began = clock.now();
  using _turn = await turnOf(options);
  const waited = clock.now() - began;
  if (isAborted(signal)) return CALLED_OFF;
  // Who had the turn may have shut it down: then there is nothing to drain, and nothing is written.
  await admin.rows(STATEMENTS.globals());
  tell({ step: "draining", again: await begin(options) });
  await clock.sleep(Math.max(0, config.delay - waited), signal);
  if (isAborted(signal)) return CALLED_OFF;
  const pausedOver = await pause(admin, { wanted: true, intend: options.intend });
  tell({ step: "paused" });
  // Whoever waited for another drain takes no longer in all than is configured.
  const timeout = config.timeout - Math.max(0, waited - config.delay);
  const ended = await endSessions(admin, { ...options, config: { ...config, timeout }, pausedOver });
  if (isAborted(signal)) return ended;
  await options.atEnd?.();
  if (config.shutdown) {
    await shutdown(admin, options.intend);
    await Deno.remove(config.file).catch(() => {});
    tell({ step: "shut down" });
    return { ...ended, isShutDown: true };
  }
  return ended;
}

const CALLED_OFF: Drained = { closed: 0, left: undefined };

/** Waits for a program that drains it already, or undoes that, as long as this drain may take. @throws {AdminError} */
async function turnOf(options: DrainOptions): Promise<Disposable | undefined> {
  const { config: { file, delay, timeout }, by, clock, signal, tell, isLastChance } = options;
  try {
    const waits = (who: string) => tell({ step: "waiting", who });
    return await takeTurn({ file, work: "drain", by, clock, patience: delay + timeout, signal, waits });
  } catch (error) {
    if (isAborted(signal)) return undefined;
    if (error instanceof AdminError || isLastChance !== true) throw error;
    tell({ step: "unwritten", reason: messageOf(error) });
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** Tells what cannot be written down, and has it done. */
function forgiving({ intend, tell }: DrainOptions): Intend {
  return async (act) => {
    try {
      return await intend(act);
    } catch (error) {
      tell({ step: "unwritten", reason: messageOf(error) });
      return () => Promise.resolve();
    }
  };
}

/** Undoes a drain. @throws {AdminError} `busy`: another program drains it just now, and who that is. */
export async function resume(
  admin: Admin,
  { file, intend, by, clock }: Pick<DrainConfig, "file"> & Pick<DrainOptions, "intend" | "by" | "clock">,
): Promise<void> {
  using _turn = await takeTurn({ file, work: "resume", by, clock, patience: 0 });
  await pause(admin, { wanted: false, intend });
  await removeIfThere(file);
}

/**
 * Removes the file of a drain whose ProxySQL has ended, unless a program is at it, or another drain was begun meanwhile.
 * Returns whether it did.
 * @throws {Error} The file cannot be removed.
 */
export async function forgetDrain(
  { file, since, by, clock }: Pick<DrainConfig, "file"> & Pick<DrainOptions, "by" | "clock"> & {
    /** What {@linkcode drainingSince} returned. */
    readonly since: number;
  },
): Promise<boolean> {
  try {
    using _turn = await takeTurn({ file, work: "resume", by, clock, patience: 0 });
    if (await drainingSince(file) !== since) return false;
    await removeIfThere(file);
    return true;
  } catch (error) {
    if (error instanceof AdminError && error.kind === "busy") return false;
    throw error;
  }
}

async function removeIfThere(file: string): Promise<void> {
  await writing(file, async () => {
    await Deno.remove(file).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  });
}

/** What a drain would send now. @throws {AdminError} */
export async function drainStatements(admin: Admin, config: DrainConfig): Promise<readonly Statement[]> {
  const globals = byName(await admin.rows(STATEMENTS.globals()));
  const sessions = await readSessions(admin);
  return [
    ...isPaused(globals) === true ? [] : [STATEMENTS.pause()],
    ...sessions.filter((session) => isIdle(session, config.closeIdle)).map(({ id }) =>
      STATEMENTS.killConnection(id)
    ),
    ...config.shutdown ? [STATEMENTS.shutdown()] : [],
  ];
}

/** Writes the file. Returns whether there was one, from a drain that was interrupted. */
async function begin({ config: { file }, clock, tell, isLastChance }: DrainOptions): Promise<boolean> {
  const text = `${JSON.stringify({ draining_since: new Date(clock.wall()).toISOString() })}\n`;
  try {
    return await writing(file, async () => {
      await Deno.mkdir(dirname(file), { recursive: true });
      return await writeNew(file, text);
    });
  } catch (error) {
    if (isLastChance !== true) throw error;
    tell({ step: "unwritten", reason: messageOf(error) });
    return false;
  }
}

/** Returns whether there was one already. */
async function writeNew(file: string, text: string): Promise<boolean> {
  try {
    await Deno.writeTextFile(file, text, { createNew: true });
    return false;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return true;
    throw error;
  }
}

/** What is known of a drain by its file: since when, in milliseconds since 1970; undefined where there is none. */
export async function drainingSince(file: string): Promise<number | undefined> {
  try {
    const { mtime } = await Deno.stat(file);
    const text = await Deno.readTextFile(file);
    const since = Date.parse(/"draining_since":"([^"]{10,30})"/.exec(text)?.[1] ?? "");
    return Number.isNaN(since) ? mtime?.getTime() ?? 0 : since;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** That the connection is lost is the answer. */
async function shutdown(admin: Admin, intend: Intend): Promise<void> {
  await carryOut(intend, { act: "drain", statements: [STATEMENTS.shutdown()] }, async () => {
    try {
      await admin.run(STATEMENTS.shutdown());
    } catch (error) {
      if (!(error instanceof AdminError) || error.kind !== "lost") throw error;
    }
  });
}
