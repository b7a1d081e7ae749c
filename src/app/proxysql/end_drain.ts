import type { Clock } from "../../clock.ts";
import type { DrainConfig } from "../../config/mod.ts";
import type { Orders } from "./orders.ts";
import type { Vitals } from "./vitals.ts";
import type { Works } from "./works.ts";

export interface EndDrainOptions {
  readonly config: Pick<DrainConfig, "delay" | "timeout">;
  readonly works: Works;
  readonly vitals: Pick<Vitals, "shutDownOver">;
  readonly clock: Clock;
  /** Ends it at once. */
  readonly signal: AbortSignal;
}

/** How much longer than it is configured a drain may take at the end of the program, in milliseconds. */
const SLACK = 15_000;

/**
 * Drains before the program ends, or waits for the drain that is under way. Never fails, and ends in time: at the latest
 * `SLACK` after what is configured for a drain, or when the signal is aborted.
 */
export async function drainBeforeEnd(orders: Orders, options: EndDrainOptions): Promise<void> {
  const { config: { delay, timeout }, clock, signal } = options;
  const over = new AbortController();
  const stop = () => over.abort();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  await Promise.race([
    drainOnce(orders, { ...options, signal: over.signal }),
    clock.sleep(delay + timeout + SLACK, over.signal),
  ]);
  over.abort();
}

/** A drain that is under way already is the same; and where this program has shut ProxySQL down there is nothing to drain. */
async function drainOnce(orders: Orders, { works, vitals, signal }: EndDrainOptions): Promise<void> {
  const running = works.running("drain");
  await idle(works);
  if (running !== undefined && running.work !== "resume") return;
  if (vitals.shutDownOver !== undefined) return;
  works.begin(
    "drain",
    // A hook that shuts ProxySQL down goes on with it.
    (other) => orders.drain(AbortSignal.any([signal, other]), { isLastChance: true }),
  );
  await idle(works);
}

/** Also what another one is superseded by has to end. */
async function idle(works: Works): Promise<void> {
  while (works.running("drain") !== undefined) await works.idle("drain");
}

/** Waits for something, but no longer than `SLACK`. */
export async function withLimit(work: Promise<void>, clock: Clock): Promise<void> {
  const over = new AbortController();
  await Promise.race([work, clock.sleep(SLACK, over.signal)]);
  over.abort();
}
