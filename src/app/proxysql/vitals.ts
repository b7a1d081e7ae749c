import type { Clock } from "../../clock.ts";
import type { ProxysqlConfig } from "../../config/mod.ts";
import type { Row } from "../../connection/mod.ts";
import { DRAINS, type Health, isThere, type Probe } from "../../proxysql/mod.ts";

/** What a look found. */
export interface Found {
  /** Why ProxySQL is not ready; empty if it is. */
  readonly reasons: readonly string[];
  /** Undefined where it is not known. */
  readonly paused?: boolean | undefined;
  /** The servers behind it; undefined where nobody looked. */
  readonly backends?: readonly Row[] | undefined;
}

type Rules = Pick<ProxysqlConfig, "interval" | "timeout" | "drain">;

/** For so many intervals an answer shows that ProxySQL lives, and a look counts. */
const INTERVALS = 3;

/** What is known of a ProxySQL by its last look, so that nobody who asks has to wait for it. */
export class Vitals {
  readonly #clock: Clock;
  #rules: Rules;
  #found: Found | undefined;
  /** By the clock's `now`. */
  #foundAt = -Infinity;
  #answeredAt = -Infinity;
  #answeredWall: number | undefined;
  /** How many drains are under way here, or were and have not been undone. */
  isDraining = false;

  constructor(rules: Rules, clock: Clock) {
    this.#rules = rules;
    this.#clock = clock;
  }

  /** Goes on under another configuration. */
  adopt(rules: Rules): void {
    this.#rules = rules;
  }

  /** ProxySQL has answered a look. */
  answered(found: Found): void {
    this.#answeredAt = this.#clock.now();
    this.#answeredWall = this.#clock.wall();
    this.#take(found);
  }

  /** It has not. The servers behind it are not known any more. */
  failed(reason: string): void {
    this.#take({ reasons: [reason] });
  }

  get paused(): boolean | undefined {
    return this.#found?.paused;
  }

  get backends(): readonly Row[] {
    return this.#found?.backends ?? [];
  }

  /** When ProxySQL answered a look last, in milliseconds since 1970. */
  get lastAnswer(): number | undefined {
    return this.#answeredWall;
  }

  /** Whether ProxySQL drains, whoever began it. */
  async drains(): Promise<boolean> {
    return this.isDraining || await isThere(this.#rules.drain.file);
  }

  async health(probe: Probe): Promise<Health> {
    const reasons = probe === "started"
      ? this.#unstarted()
      : probe === "live"
      ? this.#unlive()
      : await this.#unready();
    return { probe, ok: reasons.length === 0, reasons };
  }

  #take(found: Found): void {
    this.#found = found;
    this.#foundAt = this.#clock.now();
  }

  #unstarted(): readonly string[] {
    return this.#answeredWall === undefined ? ["it has not answered yet", ...this.#found?.reasons ?? []] : [];
  }

  #unlive(): readonly string[] {
    const unstarted = this.#unstarted();
    if (unstarted.length > 0) return unstarted;
    const ago = this.#clock.now() - this.#answeredAt;
    if (ago <= INTERVALS * this.#rules.interval) return [];
    return [`it has not answered for ${Math.round(ago / 1000)}s`, ...this.#found?.reasons ?? []];
  }

  async #unready(): Promise<readonly string[]> {
    const drains = await this.drains() ? [DRAINS] : [];
    const ago = this.#clock.now() - this.#foundAt;
    if (this.#found === undefined) return [...drains, "it has not been looked at yet"];
    // A look may take as long as a few statements that are answered just in time.
    const isOld = ago > INTERVALS * Math.max(this.#rules.interval, this.#rules.timeout);
    const old = isOld ? [`it was looked at ${Math.round(ago / 1000)}s ago`] : [];
    // Whether it drains is known without a look.
    return [...drains, ...old, ...this.#found.reasons.filter((reason) => reason !== DRAINS)];
  }
}
