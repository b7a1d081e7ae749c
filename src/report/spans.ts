/** The minutes of a day. */
export const MINUTES = 1440;

/** A time from one minute to just before another one, since 1970. */
export type Span = readonly [from: number, to: number];

export function wholeDay(day: number): Span {
  return [day * MINUTES, (day + 1) * MINUTES];
}

/** The minutes that either has; null: all of them. */
export function either(a: Uint8Array | null, b: Uint8Array | null): Uint8Array | null {
  return a === null || b === null ? null : a.map((byte, index) => byte | (b[index] ?? 0));
}

/** What was found before: each day is asked for several times. */
const KNOWN = new WeakMap<Uint8Array, [missing?: readonly Span[], seen?: readonly Span[]]>();

/** The spans of a day's minutes whose bit is `bit`. */
export function spansOf(day: number, seen: Uint8Array, bit: 0 | 1): readonly Span[] {
  const known = KNOWN.get(seen) ?? [];
  KNOWN.set(seen, known);
  return known[bit] ??= findSpans(day, seen, bit);
}

function findSpans(day: number, seen: Uint8Array, bit: 0 | 1): readonly Span[] {
  const spans: Span[] = [];
  for (let minute = 0; minute < MINUTES; minute++) {
    if (((seen[minute >> 3]! >> (minute & 7)) & 1) !== bit) continue;
    let end = minute + 1;
    while (end < MINUTES && ((seen[end >> 3]! >> (end & 7)) & 1) === bit) end++;
    spans.push([day * MINUTES + minute, day * MINUTES + end]);
    minute = end;
  }
  return spans;
}

/** The part of a span that is within another one; its length may be 0. */
export function clip([from, to]: Span, [first, end]: Span): Span {
  return [Math.max(from, first), Math.min(to, end)];
}

/** In minutes. */
export function length([from, to]: Span): number {
  return Math.max(0, to - from);
}

/** Adds a span to those before it, joined with the last one where it goes on from there. */
export function add(spans: Span[], span: Span): void {
  if (length(span) === 0) return;
  const last = spans.at(-1);
  if (last?.[1] === span[0]) spans[spans.length - 1] = [last[0], span[1]];
  else spans.push(span);
}

/** What all lists of spans have in common; all of `whole` where there is no list. */
export function shared(lists: readonly (readonly Span[])[], whole: Span): readonly Span[] {
  return lists.reduce<readonly Span[]>((common, list) => intersect(common, list), [whole]);
}

function intersect(a: readonly Span[], b: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    add(result, clip(a[i]!, b[j]!));
    if (a[i]![1] < b[j]![1]) i++;
    else j++;
  }
  return result;
}

/** What is in `a` and not in `b`, both in order. */
export function without(a: readonly Span[], b: readonly Span[]): readonly Span[] {
  return a.flatMap(([from, to]) => {
    const left: Span[] = [];
    let start = from;
    for (const [first, end] of b) {
      if (end <= start || first >= to) continue;
      add(left, [start, first]);
      start = Math.max(start, end);
    }
    add(left, [start, to]);
    return left;
  });
}
