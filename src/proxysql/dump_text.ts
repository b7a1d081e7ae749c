import { digest, sureDigest, tagsOf } from "../digest/mod.ts";

/** What is kept of a digest's text. */
export interface DumpText {
  readonly digest_text: string;
  /** Null where it is not sure. */
  readonly sniper_digest: string | null;
  /** A JSON object. */
  readonly tags: string;
}

/** Placeholders of a list that ProxySQL has cut short: `?,?,?,...`. */
const MORE_VALUES = /(\?\s*,\s*)\.\.\./g;
/** Rows of a list that it has cut short: `(?,?),(?,?),...`. */
const MORE_ROWS = /(\([^()]*\))\s*,\s*\.\.\./g;
/** The sign of a literal: ours has none. */
const SIGN = /([(,=<>]\s*)[-+]\s*(?=\?)/g;

/**
 * ProxySQL's text of a digest in the form of our own, so that one statement has one hash in dumps and in kill events. Whatever
 * ProxySQL left of literals is gone then, and comments, which may hold anything, are reduced to tags.
 * @param keep The keys of the tags that are kept.
 * @param isCut Whether ProxySQL may have cut the text.
 */
export function dumpText(
  text: string,
  { keep, isCut }: { readonly keep: readonly string[]; readonly isCut: boolean },
): DumpText {
  const written = text.replace(MORE_ROWS, "$1,$1").replace(MORE_VALUES, "$1?").replace(SIGN, "$1");
  const sure = isCut ? undefined : sureDigest(written);
  const isSure = sure !== undefined && "digest" in sure;
  return {
    digest_text: isSure ? sure.digest_text : digest(written, { cut: isCut }).digest_text,
    sniper_digest: isSure ? sure.digest : null,
    tags: JSON.stringify(tagsOf(text, { keep, cut: isCut }).tags),
  };
}
