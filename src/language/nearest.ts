import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";

/** The candidate that somebody who wrote `word` most probably meant, if one is near enough to say so. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const best = closestString(word, candidates, { caseSensitive: false });
  const distance = levenshteinDistance(word.toLowerCase(), best.toLowerCase());
  return distance <= Math.max(1, Math.floor(best.length / 3)) ? best : undefined;
}

/** ` (did you mean X?)`, or nothing where no candidate is near; `quote` is put around the word. */
export function didYouMean(word: string, candidates: readonly string[], quote = ""): string {
  const near = nearest(word, candidates);
  return near === undefined ? "" : ` (did you mean ${quote}${near}${quote}?)`;
}

/** A text as it may stand in a message: quoted, on one line, control characters escaped, not endless. */
export function quoted(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 79)}…` : text;
  return JSON.stringify(short).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
