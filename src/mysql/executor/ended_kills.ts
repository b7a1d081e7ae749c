import type { Aftermath } from "../proxied/proxied_sessions.ts";
import { type Killer, type PendingKill, report } from "./killer.ts";

interface EndedKill extends PendingKill {
  /** By the clock's `now`. */
  readonly endedAt: number;
}

/**
 * Kills that the server has shown to be effective, of clients behind a proxy, until it is known whether their statements
 * run again.
 */
export class EndedKills {
  readonly #killer: Killer;
  #waiting: readonly EndedKill[] = [];

  constructor(killer: Killer) {
    this.#killer = killer;
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Takes a kill that was effective, to report it later; not where no proxy can tell more. */
  take(kill: PendingKill): boolean {
    const { clock, proxied } = this.#killer;
    const { session } = kill.decision;
    if (proxied === undefined || typeof session.proxy_session !== "number" || kill.kind !== "query") {
      return false;
    }
    this.#waiting = [...this.#waiting, { ...kill, endedAt: clock.now() }];
    return true;
  }

  /** Asks the proxies, and reports those of which enough is known, or whose time is over. */
  async look(): Promise<void> {
    const { clock, signal } = this.#killer;
    const waiting = this.#waiting;
    const found = await Promise.all(waiting.map((kill) => this.#after(kill)));
    this.#waiting = waiting.filter((kill, index) => {
      const isLate = signal.aborted || clock.now() - kill.sentAt >= this.#killer.verify(kill.decision.policy);
      return found[index] === "unknown" && !isLate;
    });
    for (const [index, kill] of waiting.entries()) {
      if (!this.#waiting.includes(kill)) this.#report(kill, found[index]!);
    }
  }

  /** Reports what is left, when nobody looks any more. */
  reportAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const kill of waiting) this.#report(kill, "unknown");
  }

  async #after({ decision, endedAt }: EndedKill): Promise<Aftermath> {
    return await this.#killer.proxied?.after(decision.session, endedAt) ?? "over";
  }

  #report(kill: EndedKill, after: Aftermath): void {
    if (typeof after === "string") return report(this.#killer, kill.decision, "killed", kill);
    const note = after.again === "proxy" ? "its proxy ran it again" : "its client sent it again";
    report(this.#killer, kill.decision, "retried", { ...kill, note });
  }
}
