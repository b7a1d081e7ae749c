import { SLOT_COUNT } from "../slots/key.ts";

/** Slots as people write them, such as `0-511,600`. */
export function slotsText(slots: readonly number[]): string {
  const parts: string[] = [];
  const sorted = slots.toSorted((one, other) => one - other);
  for (let at = 0; at < sorted.length;) {
    let end = at;
    while (sorted[end + 1] === sorted[end]! + 1) end++;
    parts.push(end === at ? `${sorted[at]}` : `${sorted[at]}-${sorted[end]}`);
    at = end + 1;
  }
  return parts.join(",");
}

/** Reads {@linkcode slotsText}; undefined where it is none, or names a slot that does not exist, or one twice. */
export function slotsOfText(text: string): readonly number[] | undefined {
  const slots: number[] = [];
  for (const part of text.split(",")) {
    const found = /^\s*(\d{1,4})\s*(?:-\s*(\d{1,4})\s*)?$/.exec(part);
    if (found === null) return undefined;
    const [from, to] = [Number(found[1]), Number(found[2] ?? found[1])];
    if (from > to || to >= SLOT_COUNT) return undefined;
    for (let slot = from; slot <= to; slot++) slots.push(slot);
  }
  return new Set(slots).size === slots.length ? slots : undefined;
}
