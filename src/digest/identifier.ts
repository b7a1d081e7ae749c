/** MySQL allows 64 characters, and 256 for an alias (manual: "Identifier Length Limits"); longer is no name. */
export const MAX_IDENTIFIER = 256;

const PLAIN = /^[0-9A-Za-z$_]+$/;

/**
 * An identifier as a digest shows it: in back quotes, its case kept. Undefined for what is too long, or has
 * characters that a reader or a terminal could mistake for others: those are not echoed.
 * @param text an unquoted word, or an identifier in back quotes
 */
export function identifierText(text: string): string | undefined {
  if (text.length <= MAX_IDENTIFIER && PLAIN.test(text)) return "`" + text + "`";
  const quoted = text.startsWith("`");
  // MySQL prints a back quote inside an identifier as it is.
  const name = quoted ? text.slice(1, -1).replaceAll("``", "`") : text;
  if (name.length > MAX_IDENTIFIER) return undefined;
  // Not only a matter of taste: in `‘secret’` the typographic quotes are letters of a word for MySQL.
  const clean = quoted ? !/[\p{C}\p{Zl}\p{Zp}\uFFFD]/u.test(name) : /^[\p{L}\p{M}\p{N}_$]+$/u.test(name);
  return clean ? "`" + name + "`" : undefined;
}
