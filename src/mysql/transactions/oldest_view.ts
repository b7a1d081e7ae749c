import type { Unknown } from "../../language/mod.ts";

/**
 * What is known of a transaction's read view; ages in milliseconds. `open`: it holds one, which is between
 * `youngest` and `oldest` old. `perhaps`: it may hold one, which is at most `oldest` old.
 */
export type ViewClue =
  | { readonly kind: "none" }
  | { readonly kind: "open"; readonly youngest: number; readonly oldest: number }
  | { readonly kind: "perhaps"; readonly oldest: number };

/** Whether a transaction holds the oldest read view. */
export type Pins = boolean | Unknown;

/**
 * The age in milliseconds that some session's read view is known to have at least: what is certainly younger
 * is not the oldest. -1 where nobody is known to hold one.
 */
export function certainAge(clues: Iterable<ViewClue>): number {
  return Math.max(-1, ...[...clues].map((clue) => clue.kind === "open" ? clue.youngest : -1));
}

/**
 * Who holds the oldest read view, by age. It is the one that is certainly at least as old as any other is
 * certainly. One that may be older is unknown, so that it is named and not ended; it does not protect the
 * other, which does hold a view, of a known age, and that none is known to exceed.
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
 * Who holds the oldest read view, where the server shows them all: the smallest limit.
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
