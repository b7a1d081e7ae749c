import { RE2JS } from "re2js";

/**
 * Whether a pattern matches a text. If the text was cut, only a match that more text could not undo is `true`;
 * everything else is unknown (`undefined`).
 */
export type Matcher = (text: string, cut: boolean) => boolean | undefined;

/**
 * Compiles a pattern of `like`: `%` matches any characters, `_` matches one, and a backslash makes the next
 * character literal. Letter case is ignored.
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
 * Compiles a pattern of `matches`, in RE2 syntax. It is searched for anywhere in the text, in time linear in the
 * length of the text, whatever the pattern.
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
    // A match that ends before the last character read cannot depend on what was cut off.
    return matcher.find() && matcher.end() < text.length ? true : undefined;
  };
}
