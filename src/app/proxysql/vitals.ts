import type { Clock } from "../../clock.ts";
import type { ProxysqlConfig } from "../../config/mod.ts";
import type { Row } from "../../connection/mod.ts";
import { DRAINS, type Health, isThere, type Probe } from "../../proxysql/mod.ts";

/** What a look found. */
export interface Found {
  /** Why ProxySQL is not ready, but for a drain, which is known without a look; empty if it is. */
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
  /** Whether a drain is under way here, or was and is not in its file. */
  isDraining = false;
  /** The connection, as it is counted, over which this program shut ProxySQL down: that it does not answer is no fault. */
  shutDownOver: number | undefined;

  constructor(rules: Rules, clock: Clock) {
    this.#rules = rules;
    this.#clock = clock;
  }

  /** Goes on under another configuration. */
  adopt(rules: Rules): void {
    this.#rules = rules;
  }

  /** ProxySQL has answered something. */
  heard(): void {
    this.#answeredAt = this.#clock.now();
    this.#answeredWall = this.#clock.wall();
  }

  /** ProxySQL has answered a look. */
  answered(found: Found): void {
    this.heard();
    this.#take(found);
  }

  /** What was found means something else, as others say who were asked after that look. */
  judged(reasons: readonly string[]): void {
    if (this.#found !== undefined) this.#found = { ...this.#found, reasons };
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

  /** When ProxySQL answered last, in milliseconds since 1970. */
  get lastAnswer(): number | undefined {
    return this.#answeredWall;
  }

  /** Whether ProxySQL drains, whoever began it. */
  async drains(): Promise<boolean> {
    return this.isDraining || await isThere(this.#rules.drain.file);
  }

  /** @param drains What {@linkcode drains} returns, where it was asked just now. */
  async health(probe: Probe, drains?: boolean): Promise<Health> {
    const reasons = probe === "started"
      ? this.#unstarted()
      : probe === "live"
      ? this.#unlive()
      : this.#unready(drains ?? await this.drains());
    return { probe, ok: reasons.length === 0, reasons };
  }

  #take(found: Found): void {
    this.#found = found;
    this.#foundAt = this.#clock.now();
  }

  /** A look may take as long as a few statements that are answered just in time. */
  get #longest(): number {
    return INTERVALS * Math.max(this.#rules.interval, this.#rules.timeout);
  }

  #unstarted(): readonly string[] {
    return this.#answeredWall === undefined ? ["it has not answered yet", ...this.#found?.reasons ?? []] : [];
  }

  #unlive(): readonly string[] {
    const unstarted = this.#unstarted();
    if (unstarted.length > 0) return unstarted;
    const ago = this.#clock.now() - this.#answeredAt;
    if (ago <= this.#longest) return [];
    return [`it has not answered for ${Math.round(ago / 1000)}s`, ...this.#found?.reasons ?? []];
  }

  #unready(isDraining: boolean): readonly string[] {
    const drains = isDraining ? [DRAINS] : [];
    const ago = this.#clock.now() - this.#foundAt;
    if (this.#found === undefined) return [...drains, "it has not been looked at yet"];
    const old = ago > this.#longest ? [`it was looked at ${Math.round(ago / 1000)}s ago`] : [];
    return [...drains, ...old, ...this.#found.reasons];
  }
}
