import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { printable } from "./control.ts";

/**
 * The candidate that was most probably meant by `word`, if one is close enough: a few letters differ, or the word
 * is its beginning. Among equally close candidates, one that begins with the word wins.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const given = word.toLowerCase();
  const near = candidates.flatMap((candidate) => {
    const meant = candidate.toLowerCase();
    const begins = meant.startsWith(given);
    const distance = begins ? meant.length - given.length : distanceOf(given, meant);
    const isNear = begins || distance <= Math.max(1, Math.floor(meant.length / 3));
    return isNear && distance < Math.min(given.length, meant.length) ? [{ candidate, distance, begins }] : [];
  });
  return near.toSorted((a, b) => a.distance - b.distance || Number(b.begins) - Number(a.begins))[0]
    ?.candidate;
}

/** The edit distance: how many letters to add, drop or replace. Swapping two neighbours counts once. */
function distanceOf(word: string, other: string): number {
  const atLeast = Math.abs(word.length - other.length);
  if (atLeast >= Math.min(word.length, other.length)) return Infinity; // so that long words stay cheap
  const swapped = Array.from({ length: word.length - 1 }, (_, at) => {
    const letters = `${word.slice(0, at)}${word[at + 1]}${word[at]}${word.slice(at + 2)}`;
    return 1 + levenshteinDistance(letters, other);
  });
  return Math.min(levenshteinDistance(word, other), ...swapped);
}

/** ` (did you mean X?)`, or nothing if no candidate is close. `quote` is put around the candidate. */
export function didYouMean(word: string, candidates: readonly string[], quote = ""): string {
  const near = nearest(word, candidates);
  return near === undefined ? "" : ` (did you mean ${quote}${near}${quote}?)`;
}

/** The longest text that a message has in whole, in characters. */
const LONGEST = 80;

/** The beginning of a text that is too long for a message. */
export function shortened(text: string): string {
  return beginning(text, LONGEST);
}

function beginning(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

/** A text for a message: {@linkcode printable}, quoted, and shortened if it is too long. */
export function quoted(text: string): string {
  return quotedUpTo(LONGEST, text);
}

/** The same for a text that may be longer. */
export function quotedUpTo(longest: number, text: string): string {
  return `"${printable(beginning(text, longest).replace(/["\\]/g, "\\$&"))}"`;
}
