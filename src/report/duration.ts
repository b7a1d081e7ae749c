/** The units of durations for people, the largest first, in milliseconds. */
const UNITS = [["d", 86_400_000], ["h", 3_600_000], ["m", 60_000], ["s", 1000]] as const;

/** A duration for people, by its two largest units: `3d 4h`, `42s`, `0.3s`. */
export function durationWords(milliseconds: number): string {
  if (milliseconds < 10_000) return `${Number((milliseconds / 1000).toFixed(1))}s`;
  let rest = Math.round(milliseconds / 1000) * 1000;
  const first = UNITS.findIndex(([, size]) => rest >= size);
  const parts = UNITS.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? "" : `${count}${unit}`;
  });
  return parts.filter((part) => part !== "").join(" ");
}

/** A count for people: `1,234`. */
export function countWords(count: number): string {
  return count.toLocaleString("en-US");
}
