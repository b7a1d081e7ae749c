import type { Unknown } from "../../language/mod.ts";

/**
 * What is known about a transaction's read view; ages in milliseconds. `open`: it holds one, whose age is between
 * `youngest` and `oldest`. `perhaps`: it may hold one, whose age is at most `oldest`.
 */
export type ViewClue =
  | { readonly kind: "none" }
  | { readonly kind: "open"; readonly youngest: number; readonly oldest: number }
  | { readonly kind: "perhaps"; readonly oldest: number };

/** Whether a transaction holds the oldest read view. */
export type Pins = boolean | Unknown;

/**
 * The greatest lower bound of any read view's age, in milliseconds: a view that is certainly younger is not the
 * oldest. -1 if no session is known to hold one.
 */
export function certainAge(clues: Iterable<ViewClue>): number {
  return Math.max(-1, ...[...clues].map((clue) => clue.kind === "open" ? clue.youngest : -1));
}

/**
 * Finds which sessions hold the oldest read view, by age. True for a session whose view is certainly at least as old
 * as the lower bound of every other. A session whose view may be older is unknown: it is reported and not killed. It
 * does not protect the first one, whose view no other is known to exceed.
 */
export function pinsByAge(clues: ReadonlyMap<number, ViewClue>): ReadonlyMap<number, Pins> {
  const certain = certainAge(clues.values());
  return new Map([...clues].map(([id, clue]) => [id, pinsOf(clue, certain)]));
}

function pinsOf(clue: ViewClue, certain: number): Pins {
  if (clue.kind === "none") return false;
  if (clue.kind === "open" && clue.youngest >= certain) return true;
  if (clue.oldest <= certain) return false;
  return clue.kind === "open" ? AGE_UNKNOWN : VIEW_UNKNOWN;
}

const AGE_UNKNOWN: Unknown = {
  unknown: "its read view may be the oldest, but when it was opened is not known",
};
const VIEW_UNKNOWN: Unknown = { unknown: "the server does not show whether it holds a read view" };

/**
 * Finds which sessions hold the oldest read view if the server shows all of them: the smallest limit.
 * @param limits See `ReadViews`.
 */
export function pinsByLimit(
  ids: Iterable<number>,
  limits: ReadonlyMap<number, number>,
): ReadonlyMap<number, Pins> {
  const oldest = Math.min(...[...limits.values()].filter((limit) => limit > 0));
  return new Map([...ids].map((id) => {
    const limit = limits.get(id);
    return [
      id,
      limit === undefined ? { unknown: "InnoDB's status does not list its transaction" } : limit === oldest,
    ];
  }));
}
