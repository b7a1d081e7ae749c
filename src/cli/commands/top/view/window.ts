/** As many of the items as there is room for, with the one at an index among them; -1: the first ones. */
export function window<T>(items: readonly T[], at: number, room: number): readonly T[] {
  const size = Math.max(0, room);
  const from = Math.max(0, Math.min(at - Math.floor(size / 2), items.length - size));
  return items.slice(from, from + size);
}
