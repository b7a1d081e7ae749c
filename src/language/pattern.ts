import { RE2JS } from "re2js";

/**
 * What a pattern says of a text. Of a text that was cut, only a match that more text cannot undo is
 * `true`; all else is unknown, which is `undefined`.
 */
export type Matcher = (text: string, cut: boolean) => boolean | undefined;

/**
 * A matcher for `like`: `%` is any characters, `_` is one, a backslash takes the next one literally.
 * Letter case is ignored.
 */
export function compileLike(pattern: string): Matcher {
  const growable = /(?:^|[^\\])(?:\\\\)*%$/.test(pattern);
  const expression = RE2JS.compile(likeExpression(pattern), RE2JS.CASE_INSENSITIVE | RE2JS.DOTALL);
  return (text, cut) => {
    const matches = expression.matches(text);
    if (!cut) return matches;
    return matches && growable ? true : undefined;
  };
}

function likeExpression(pattern: string): string {
  let expression = "";
  let literal = "";
  const flush = () => {
    expression += RE2JS.quote(literal);
    literal = "";
  };
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === "\\" && at + 1 < pattern.length) literal += pattern[++at];
    else if (character === "%" || character === "_") {
      flush();
      expression += character === "%" ? ".*" : ".";
    } else literal += character;
  }
  flush();
  return expression;
}

/**
 * A matcher for `matches`: RE2 syntax, found anywhere in the text, linear in its length whatever the
 * pattern is.
 * @returns The matcher, or what is wrong with the pattern.
 */
export function compileMatches(pattern: string): Matcher | string {
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(pattern);
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : String(error);
  }
  return (text, cut) => {
    if (!cut) return expression.matcher(text).find();
    const matcher = expression.matcher(text);
    // A match that ends before the last character that was read has seen all that it depends on.
    return matcher.find() && matcher.end() < text.length ? true : undefined;
  };
}
