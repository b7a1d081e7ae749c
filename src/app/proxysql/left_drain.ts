import type { Clock } from "../../clock.ts";
import type { ProxysqlConfig } from "../../config/mod.ts";
import type { ProxysqlEvent } from "../../events/mod.ts";
import { type Admin, adminWords, drainingSince, forgetDrain, type Readiness } from "../../proxysql/mod.ts";
import { AGENT } from "./drains.ts";
import { wasPausedSince } from "./paused_since.ts";
import type { Vitals } from "./vitals.ts";
import type { Works } from "./works.ts";

export interface LeftDrainOptions {
  /** The address of the admin interface. */
  readonly proxysql: string;
  readonly config: Pick<ProxysqlConfig, "drain" | "acts">;
  readonly admin: Pick<Admin, "connected">;
  readonly clock: Clock;
  readonly vitals: Vitals;
  readonly works: Pick<Works, "running">;
  readonly isDryRun: boolean;
  /** Whether a drain that the first look finds begun goes on. */
  readonly goesOn: boolean;
  /** Begins to drain. */
  goOn(): void;
  tell(event: ProxysqlEvent): void;
}

/** What a look found, and when it began, in milliseconds since 1970. */
export type Seen = Pick<Readiness, "paused" | "uptime"> & { readonly wall: number };

/** The clocks of a file, of this program and of ProxySQL may differ by so much, in milliseconds. */
const SLACK = 3000;

/** How much longer than its delay a drain may take until it pauses, with the restart of whoever drains, in milliseconds. */
const RESTART = 15_000;

/**
 * A drain that nobody carries on any more. One that was interrupted goes on, once the agent has started; one of a ProxySQL
 * that has ended since is over, whenever that is seen.
 */
export class LeftDrain {
  readonly #options: LeftDrainOptions;
  #isFirst = true;
  #uptime: number | undefined;
  /** Whether this agent has seen a process before the one that answers now. */
  #isOther = false;
  /** What was told last, so that it is told once. */
  #told: string | undefined;

  constructor(options: LeftDrainOptions) {
    this.#options = options;
    // Whatever connection this one has was made after that.
    if (options.vitals.shutDownOver !== undefined) options.vitals.shutDownOver = 0;
  }

  /** After each look that ProxySQL answered. Never fails: what is wrong is told, and it stays not ready. */
  async look(seen: Seen): Promise<void> {
    const { config: { drain: { file } }, works, isDryRun, goesOn } = this.#options;
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (seen.uptime !== undefined && this.#uptime !== undefined) this.#isOther ||= seen.uptime < this.#uptime;
    this.#uptime = seen.uptime;
    // A drain that runs here sees by itself when ProxySQL was started anew.
    if (isDryRun || works.running("drain") !== undefined) return;
    try {
      const since = await drainingSince(file);
      if (since === undefined) this.#endWithoutFile(seen);
      else if (seen.paused !== true && this.#isOfBefore(since, seen)) await this.#end(since);
      else if (isFirst && goesOn) await this.#goOn(since, seen);
    } catch (error) {
      this.#tellTrouble(adminWords(error));
    }
  }

  /** Whether a drain was of a ProxySQL that has ended: the one that answers has begun since. */
  #isOfBefore(since: number, { uptime, wall }: Seen): boolean {
    if (uptime === undefined) return false;
    return wall - uptime * 1000 > since + (this.#isOther ? 0 : SLACK);
  }

  /** Of a drain that this agent ended by a shutdown, or could not write down. */
  #endWithoutFile({ paused }: Seen): void {
    const { vitals, admin: { connected } } = this.#options;
    const { shutDownOver } = vitals;
    if (!vitals.isDraining) return;
    if (shutDownOver !== undefined && connected !== shutDownOver) this.#tellEnd();
    else if (paused === false) this.#tellEnd("it takes connections, and its file is gone");
  }

  async #end(since: number): Promise<void> {
    const { config: { drain: { file } }, clock } = this.#options;
    if (await forgetDrain({ file, since, clock, by: AGENT })) this.#tellEnd();
  }

  async #goOn(since: number, { paused, wall }: Seen): Promise<void> {
    const { config: { drain: { delay, file }, acts }, goOn } = this.#options;
    if (paused === true) return goOn();
    const age = wall - since;
    const isYoung = age >= -SLACK && age < delay + RESTART;
    if (isYoung && !await wasPausedSince(acts, since - SLACK)) return goOn();
    const found = paused === false ? "it takes connections" : "whether it is paused is not known";
    this.#tellTrouble(
      `a drain was begun, and ${found}, as after a resume by hand: so it is not drained again, and is not ready while the ` +
        `file ${file} is there. To end that drain: query-sniper proxysql drain --resume, or POST /v1/resume. To go on with ` +
        "it: POST /v1/drain",
    );
  }

  #tellEnd(reason = "the drain was of a ProxySQL that has ended since"): void {
    const { proxysql, vitals, tell } = this.#options;
    vitals.isDraining = false;
    vitals.shutDownOver = undefined;
    this.#told = undefined;
    tell({ event: "proxysql-drain", proxysql, state: "resumed", reason });
  }

  #tellTrouble(reason: string): void {
    if (reason === this.#told) return;
    this.#told = reason;
    const { proxysql, tell } = this.#options;
    tell({ event: "proxysql-drain", proxysql, state: "trouble", reason });
  }
}
