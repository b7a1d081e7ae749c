/** Signs of other languages, and what to write here instead. */
export const FOREIGN_SIGNS: readonly (readonly [RegExp, string])[] = [
  [/==/y, 'write "=" to compare'],
  [/<=>/y, 'write "=" to compare'],
  [/=~|!~~?\*?|~~?\*?/y, 'write "matches" for a regular expression, and "like" for a pattern'],
  [/=</y, 'write "<="'],
  [/=>/y, 'write ">="'],
  [/&&?/y, 'write "and"'],
  [/\|\|?/y, 'write "or"'],
  [/!/y, 'write "not"'],
  [/-(?=\d)/y, "a number cannot be negative"],
  [/[“”‘’„]/y, "write straight quotes, ' or \""],
  [/--|\/\*|#/y, 'a condition has no comments, write them in YAML, behind " #"'],
  [/\[/y, "write a list in parentheses, in (…)"],
  [/`/y, "a name has no quotes, and a text has ' or \""],
  [/\$(?=[{(])/y, "variables are not replaced here"],
  [/[.\/-](?=\w)|[@:\\%]/y, "write a text in quotes, ' or \""],
  [/[-+*/]/y, "there is no arithmetic, write a value"],
];

/** Unicode characters that look like a space, or are invisible. */
export const FOREIGN_BLANK = /[\u00a0\u1680\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff]/y;

const REGEX = 'write "matches" for a regular expression';
const LIKE = 'write "like", which ignores the case of letters';
const WILDCARD = 'write "like" with "%"';

/** Words of other languages used in place of a comparison operator. */
export const FOREIGN_WORDS: ReadonlyMap<string, string> = new Map(Object.entries({
  regexp: REGEX,
  rlike: REGEX,
  regex: REGEX,
  match: REGEX,
  ilike: LIKE,
  similar: REGEX,
  glob: WILDCARD,
  contains: WILDCARD,
  startswith: WILDCARD,
  starts_with: WILDCARD,
  endswith: WILDCARD,
  ends_with: WILDCARD,
  between: 'write two comparisons, joined with "and"',
  xor: 'there is no "xor", write it with "and", "or" and "not"',
  isnt: 'write "!="',
  eq: 'write "="',
  ne: 'write "!="',
  gt: 'write ">"',
  ge: 'write ">="',
  lt: 'write "<"',
  le: 'write "<="',
  equals: 'write "="',
}));
