import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { printable } from "./control.ts";

/**
 * The candidate that somebody who wrote `word` most probably meant, if one is near enough to say so: a few
 * letters are wrong, or the word is how it begins. Of equally near ones that which begins with the word.
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

/** How many letters to add, drop, replace or, once, swap with their neighbour. */
function distanceOf(word: string, other: string): number {
  const atLeast = Math.abs(word.length - other.length);
  if (atLeast >= Math.min(word.length, other.length)) return Infinity; // and of a long word cheap to say
  const swapped = Array.from({ length: word.length - 1 }, (_, at) => {
    const letters = `${word.slice(0, at)}${word[at + 1]}${word[at]}${word.slice(at + 2)}`;
    return 1 + levenshteinDistance(letters, other);
  });
  return Math.min(levenshteinDistance(word, other), ...swapped);
}

/** ` (did you mean X?)`, or nothing where no candidate is near; `quote` is put around the word. */
export function didYouMean(word: string, candidates: readonly string[], quote = ""): string {
  const near = nearest(word, candidates);
  return near === undefined ? "" : ` (did you mean ${quote}${near}${quote}?)`;
}

/** The beginning of a text that is too long for a message. */
export function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** A text as it may stand in a message: {@linkcode printable}, in quotes and not endless. */
export function quoted(text: string): string {
  return `"${printable(shortened(text).replace(/["\\]/g, "\\$&"))}"`;
}
