import { dirname } from "node:path";
import type { Clock } from "../clock.ts";
import type { DrainConfig } from "../config/mod.ts";
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
  | { readonly step: "shut down" };

export interface DrainOptions {
  readonly config: DrainConfig;
  readonly clock: Clock;
  readonly tell: (step: DrainStep) => void;
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
 */
export async function drain(admin: Admin, options: DrainOptions): Promise<Drained> {
  const { config, clock, tell } = options;
  await admin.rows(STATEMENTS.globals());
  if (!admin.mayWrite) throw new AdminError("unknown", "a drain needs an administrator of ProxySQL");
  tell({ step: "draining", again: await begin(config.file, clock) });
  await clock.sleep(config.delay);
  await pause(admin, true);
  tell({ step: "paused" });
  const ended = await endSessions(admin, options);
  if (config.shutdown) {
    await shutdown(admin);
    await Deno.remove(config.file).catch(() => {});
    tell({ step: "shut down" });
  }
  return ended;
}

/** Undoes a drain. @throws {AdminError} */
export async function resume(admin: Admin, { file }: Pick<DrainConfig, "file">): Promise<void> {
  await pause(admin, false);
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
async function begin(file: string, clock: Pick<Clock, "wall">): Promise<boolean> {
  await Deno.mkdir(dirname(file), { recursive: true });
  const text = `${JSON.stringify({ draining_since: new Date(clock.wall()).toISOString() })}\n`;
  try {
    await Deno.writeTextFile(file, text, { createNew: true });
    return false;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return true;
    throw error;
  }
}

/** Pauses or resumes, and looks whether it is so: of two answers the second may be lost, and with it the connection. */
async function pause(admin: Admin, wanted: boolean): Promise<void> {
  let answer: AdminError | undefined;
  try {
    await admin.runAlone(wanted ? STATEMENTS.pause() : STATEMENTS.resume());
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    answer = error;
  }
  const is = isPaused(byName(await admin.rows(STATEMENTS.globals())));
  if (is === wanted) return;
  const isSo = answer === undefined || answer.kind === (wanted ? "paused" : "not-paused");
  // Before 2.6 only the answer tells.
  if (is === undefined && isSo) return;
  throw answer ?? new AdminError("statement", `ProxySQL says OK and is ${wanted ? "not " : "still "}paused`);
}

async function endSessions(admin: Admin, { config, clock, tell }: DrainOptions): Promise<Drained> {
  const end = clock.now() + config.timeout;
  // Their ids do not come again. Whoever was told to end may be listed for a moment more.
  const ended = new Set<number>();
  for (;;) {
    let left: readonly ProxySession[] | undefined;
    const before = ended.size;
    try {
      const there = (await readSessions(admin)).filter(({ id }) => !ended.has(id));
      await closeIdle(admin, there.filter((session) => isIdle(session, config.closeIdle)), ended);
      left = there.filter(({ id }) => !ended.has(id));
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      tell({ step: "trouble", error });
    }
    const sessions = ended.size - before;
    if (sessions > 0) tell({ step: "closed", sessions });
    const rest = end - clock.now();
    if (left?.length === 0 || rest <= 0) return { closed: ended.size, left };
    if (sessions < BATCH) await clock.sleep(Math.min(LOOK, config.closeIdle, rest));
  }
}

/** Ends some sessions, and notes which. */
async function closeIdle(admin: Admin, idle: readonly ProxySession[], ended: Set<number>): Promise<void> {
  for (const { id } of idle.slice(0, BATCH)) {
    try {
      await admin.run(STATEMENTS.killConnection(id));
    } catch (error) {
      // It has ended by itself.
      if (!(error instanceof AdminError) || error.kind !== "no-session") throw error;
    }
    ended.add(id);
  }
}

/** That the connection is lost is the answer. */
async function shutdown(admin: Admin): Promise<void> {
  try {
    await admin.run(STATEMENTS.shutdown());
  } catch (error) {
    if (!(error instanceof AdminError) || error.kind !== "lost") throw error;
  }
}
