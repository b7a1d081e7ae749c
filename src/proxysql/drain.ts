import { dirname } from "node:path";
import type { Clock } from "../clock.ts";
import type { DrainConfig } from "../config/mod.ts";
import { carryOut, type Intend } from "./act.ts";
import type { Admin } from "./admin.ts";
import { AdminError } from "./admin_error.ts";
import { isPaused } from "./health.ts";
import { isIdle, type ProxySession, readSessions } from "./session.ts";
import { type Statement, STATEMENTS } from "./statement.ts";
import { byName } from "./value.ts";

/** What happens in a drain, as it happens. */
export type DrainStep =
  | { readonly step: "draining"; readonly again: boolean }
  | { readonly step: "paused" }
  | { readonly step: "closed"; readonly sessions: number }
  | { readonly step: "trouble"; readonly error: AdminError }
  | { readonly step: "unwritten"; readonly reason: string }
  | { readonly step: "shut down" };

export interface DrainOptions {
  readonly config: DrainConfig;
  readonly clock: Clock;
  readonly tell: (step: DrainStep) => void;
  /** Is asked before each statement that changes something. */
  readonly intend: Intend;
  /** Ends the drain where it is; ProxySQL stays paused. */
  readonly signal?: AbortSignal;
  /**
   * This host's ProxySQL is about to end anyway: where neither the file nor an intent can be written, this is told, and the
   * drain goes on, since without it clients lose their statements.
   */
  readonly isLastChance?: boolean;
  /** Done once nobody is left, or the time is over, before ProxySQL is shut down. */
  atEnd?(): Promise<void>;
}

/** How a drain ended. */
export interface Drained {
  readonly closed: number;
  /** Who was left when the time was over; undefined where ProxySQL did not say. */
  readonly left: readonly ProxySession[] | undefined;
}

/** How long to wait between two looks at the sessions, in milliseconds. */
const LOOK = 1000;

/** So many sessions are closed by what one look saw: it must not be old when the last of them is. */
const BATCH = 20;

/**
 * Drains a ProxySQL: the file says that it is not ready any more, PAUSE refuses new connections, and then sessions that are
 * idle and in no transaction are ended, as they become so; those that work are waited for. Each step may be done again: a
 * drain that was interrupted goes on where it was.
 * @throws {AdminError} Before the file is written, or where it cannot be paused.
 * @throws {Error} What `intend` throws, unless it is the last chance; what could not be written down was not done.
 */
export async function drain(admin: Admin, given: DrainOptions): Promise<Drained> {
  const options = given.isLastChance === true ? { ...given, intend: forgiving(given) } : given;
  const { config, clock, tell, signal } = options;
  await admin.rows(STATEMENTS.globals());
  if (!admin.mayWrite) throw new AdminError("unknown", "a drain needs an administrator of ProxySQL");
  tell({ step: "draining", again: await begin(options) });
  await clock.sleep(config.delay, signal);
  if (isAborted(signal)) return { closed: 0, left: undefined };
  await pause(admin, { wanted: true, intend: options.intend });
  tell({ step: "paused" });
  const ended = await endSessions(admin, options);
  if (isAborted(signal)) return ended;
  await options.atEnd?.();
  if (config.shutdown) {
    await shutdown(admin, options.intend);
    await Deno.remove(config.file).catch(() => {});
    tell({ step: "shut down" });
  }
  return ended;
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
      tell({ step: "unwritten", reason: error instanceof Error ? error.message : String(error) });
      return () => Promise.resolve();
    }
  };
}

/** Undoes a drain. @throws {AdminError} */
export async function resume(
  admin: Admin,
  { file, intend }: Pick<DrainConfig, "file"> & { readonly intend: Intend },
): Promise<void> {
  await pause(admin, { wanted: false, intend });
  await Deno.remove(file).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
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
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.writeTextFile(file, text, { createNew: true });
    return false;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return true;
    if (isLastChance !== true) throw error;
    tell({ step: "unwritten", reason: error instanceof Error ? error.message : String(error) });
    return false;
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

/** Pauses or resumes, and looks whether it is so: of two answers the second may be lost, and with it the connection. */
async function pause(
  admin: Admin,
  { wanted, intend }: { readonly wanted: boolean; readonly intend: Intend },
): Promise<void> {
  const statement = wanted ? STATEMENTS.pause() : STATEMENTS.resume();
  await carryOut(intend, { act: wanted ? "drain" : "resume", statements: [statement] }, async () => {
    let answer: AdminError | undefined;
    try {
      await admin.runAlone(statement);
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      answer = error;
    }
    const is = isPaused(byName(await admin.rows(STATEMENTS.globals())));
    if (is === wanted) return;
    const isSo = answer === undefined || answer.kind === (wanted ? "paused" : "not-paused");
    // Before 2.6 only the answer tells.
    if (is === undefined && isSo) return;
    throw answer ??
      new AdminError("statement", `ProxySQL says OK and is ${wanted ? "not " : "still "}paused`);
  });
}

async function endSessions(admin: Admin, options: DrainOptions): Promise<Drained> {
  const { config, clock, tell, signal } = options;
  const end = clock.now() + config.timeout;
  // In one process their ids do not come again. Whoever was told to end may be listed for a moment more.
  const ended = new Set<number>();
  for (;;) {
    let left: readonly ProxySession[] | undefined;
    const before = ended.size;
    try {
      const there = (await readSessions(admin)).filter(({ id }) => !ended.has(id));
      const { connected } = admin;
      const idle = there.filter((session) => isIdle(session, config.closeIdle)).slice(0, BATCH);
      if (idle.length > 0) await closeIdle(admin, { idle, connected, ended, intend: options.intend });
      left = there.filter(({ id }) => !ended.has(id));
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      tell({ step: "trouble", error });
    }
    const sessions = ended.size - before;
    if (sessions > 0) tell({ step: "closed", sessions });
    const rest = end - clock.now();
    if (left?.length === 0 || rest <= 0 || isAborted(signal)) return { closed: ended.size, left };
    if (sessions < BATCH) await clock.sleep(Math.min(LOOK, config.closeIdle, rest), signal);
  }
}

interface Closing {
  readonly idle: readonly ProxySession[];
  /** The connection that they were seen over. */
  readonly connected: number;
  /** Those that were ended. */
  readonly ended: Set<number>;
  readonly intend: Intend;
}

/** Ends some sessions, and notes which. */
async function closeIdle(admin: Admin, { idle, connected, ended, intend }: Closing): Promise<void> {
  const statements = idle.map(({ id }) => STATEMENTS.killConnection(id));
  const sessions = idle.map(({ id, user, client }) => ({ id, user, client }));
  await carryOut(intend, { act: "drain", statements, sessions }, async () => {
    for (const { id } of idle) {
      try {
        await admin.run(STATEMENTS.killConnection(id), admin.onlyOver(connected));
      } catch (error) {
        // It has ended by itself.
        if (!(error instanceof AdminError) || error.kind !== "no-session") throw error;
      }
      ended.add(id);
    }
  });
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
