/** A time from one minute to just before another one, since 1970. */
export type Span = readonly [from: number, to: number];

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
