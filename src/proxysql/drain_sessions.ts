import { carryOut, type Intend } from "./act.ts";
import type { Admin } from "./admin.ts";
import { AdminError } from "./admin_error.ts";
import type { Drained, DrainOptions } from "./drain_options.ts";
import { isPaused } from "./health.ts";
import { pause } from "./pause.ts";
import { isIdle, type ProxySession, readSessions } from "./session.ts";
import { STATEMENTS } from "./statement.ts";
import { byName } from "./value.ts";

/** How long to wait between two looks at the sessions, in milliseconds. */
const LOOK = 1000;

/** So many sessions are closed by what one look saw: it must not be old when the last of them is. */
const BATCH = 20;

/**
 * Ends who is idle and in no transaction, until nobody is left or the time is over.
 * @param options `pausedOver`: the connection, as it is counted, that ProxySQL was seen paused over.
 * @throws {Error} What `intend` throws.
 */
export async function endSessions(
  admin: Admin,
  options: DrainOptions & { readonly pausedOver: number },
): Promise<Drained> {
  const { config, clock, tell, signal } = options;
  const end = clock.now() + config.timeout;
  const ended = new Ended(options.pausedOver);
  let mayBeOpen = false;
  for (;;) {
    let left: readonly ProxySession[] | undefined;
    const before = ended.count;
    try {
      const all = await readSessions(admin);
      mayBeOpen = ended.readOver(admin.connected) || mayBeOpen;
      if (mayBeOpen) await pauseAgain(admin, options);
      mayBeOpen = false;
      const there = all.filter(({ id }) => !ended.has(id));
      const idle = there.filter((session) => isIdle(session, config.closeIdle)).slice(0, BATCH);
      if (idle.length > 0) await closeIdle(admin, { idle, ended, intend: options.intend });
      left = there.filter(({ id }) => !ended.has(id));
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      tell({ step: "trouble", error });
    }
    const sessions = ended.count - before;
    if (sessions > 0) tell({ step: "closed", sessions });
    const rest = end - clock.now();
    if (left?.length === 0 || rest <= 0 || signal?.aborted === true) return { closed: ended.count, left };
    if (sessions < BATCH) await clock.sleep(Math.min(LOOK, config.closeIdle, rest), signal);
  }
}

/**
 * The sessions that were ended. In one process their ids do not come again, and whoever was told to end may be listed for a
 * moment more. Over another connection it may be another process, where they are of somebody else.
 */
class Ended {
  readonly #ids = new Set<number>();
  /** The connection that they, or that it was paused, were seen over last. */
  connected: number;
  /** All of them, whatever process they were of. */
  count = 0;

  constructor(connected: number) {
    this.connected = connected;
  }

  /** Returns whether it is another connection than that of the read before. */
  readOver(connected: number): boolean {
    const isOther = this.connected !== connected;
    if (isOther) this.#ids.clear();
    this.connected = connected;
    return isOther;
  }

  has(id: number): boolean {
    return this.#ids.has(id);
  }

  add(id: number): void {
    this.#ids.add(id);
    this.count++;
  }
}

interface Closing {
  readonly idle: readonly ProxySession[];
  readonly ended: Ended;
  readonly intend: Intend;
}

/** Ends some sessions, and notes which. */
async function closeIdle(admin: Admin, { idle, ended, intend }: Closing): Promise<void> {
  const seenOver = ended.connected;
  const statements = idle.map(({ id }) => STATEMENTS.killConnection(id));
  const sessions = idle.map(({ id, user, client }) => ({ id, user, client }));
  await carryOut(intend, { act: "drain", statements, sessions }, async (did) => {
    for (const { id } of idle) {
      try {
        await admin.run(STATEMENTS.killConnection(id), admin.onlyOver(seenOver));
      } catch (error) {
        // It has ended by itself.
        if (!(error instanceof AdminError) || error.kind !== "no-session") throw error;
      }
      ended.add(id);
      did();
    }
  });
}

/** A ProxySQL that was started anew in the middle of a drain takes connections again. */
async function pauseAgain(admin: Admin, { intend, tell }: DrainOptions): Promise<void> {
  if (isPaused(byName(await admin.rows(STATEMENTS.globals()))) !== false) return;
  await pause(admin, { wanted: true, intend });
  tell({ step: "paused" });
}
