import type { Look } from "../look/mod.ts";
import type { Lease } from "../target/mod.ts";
import type { Gate, Health, Hold, Methods } from "../policy/mod.ts";

/** What was seen of a database at one look. */
export interface SeenLook {
  /** When it ended, in milliseconds since 1970. */
  readonly at: number;
  /** How long it took, in milliseconds. */
  readonly took: number;
  /** What the policies in force ask for, and nothing else. */
  readonly health: Health;
  /** How values were measured, where there is more than one way. */
  readonly methods?: Methods;
  /** In the order of the policies. */
  readonly gates: readonly Gate[];
  /** Absent if it was not asked for. */
  readonly lease?: Lease;
  /** Why nothing is killed there now. */
  readonly hold?: Hold;
  /** Whether it is a server that nothing can be written to. */
  readonly readOnly: boolean;
}

/** Is told of each look that succeeded, within that look: it is quick, waits for nothing, and never fails. */
export type LookObserver = (database: string, seen: SeenLook) => void;

/**
 * What an observer is told of a look.
 * @param moments `at`: when it ended, since 1970; `begun`: when it began, by the clock's `now`; both in milliseconds.
 */
export function seenLook(
  { moment, gates, memory: { hold }, report: { health, methods, lease, report } }: Pick<
    Look,
    "moment" | "gates" | "memory" | "report"
  >,
  { at, begun }: { readonly at: number; readonly begun: number },
): SeenLook {
  return {
    at,
    took: moment.now - begun,
    health,
    ...methods !== undefined && { methods },
    gates,
    ...lease !== undefined && { lease },
    ...hold !== undefined && { hold },
    readOnly: report.readOnly,
  };
}
