import type { Bundle, Tally } from "./bundle.ts";

/** `940 killed, 60 gone`. */
export function countsText(words: ReadonlyMap<string, number>): string {
  return [...words].map(([word, count]) => `${count} ${word}`).join(", ");
}

/** A moment, of milliseconds since 1970. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}

/** What a message is about, in a few words: of configured names and counts, without a text of clients. */
export function headline(bundle: Bundle): string {
  const [tally, ...more] = bundle.tallies;
  if (tally === undefined) return `Query Sniper: ${countsText(bundle.words) || `${bundle.total} missed`}`;
  if (more.length === 0) return tallyLine(tally);
  return `Query Sniper: ${countsText(bundle.words)}, of ${more.length + 1} policies and databases`;
}

/** `[OPEN] orders / impacted: 940 killed, 60 gone`. */
export function tallyLine({ subject: { database, policy, kind }, standing, words }: Tally): string {
  const name = [database, policy ?? kind].filter((part) => part !== undefined).join(" / ");
  const mark = standing === "open" ? "[OPEN] " : standing === "over" ? "[OVER] " : "";
  return `${mark}${name}: ${countsText(words)}`;
}
