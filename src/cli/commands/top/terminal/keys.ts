/** A key: a character, or the name of one that is none. */
export type Key = string;

/** The sequences that terminals send for keys, without their escape. */
const SEQUENCES: Readonly<Record<string, Key>> = {
  "[A": "up",
  "[B": "down",
  "[C": "right",
  "[D": "left",
  "OA": "up",
  "OB": "down",
  "OC": "right",
  "OD": "left",
  "[H": "home",
  "[F": "end",
  "OH": "home",
  "OF": "end",
  "[1~": "home",
  "[4~": "end",
  "[5~": "page-up",
  "[6~": "page-down",
  "[Z": "tab",
};

const NAMES: Readonly<Record<string, Key>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\x7f": "backspace",
  "\b": "backspace",
  "\x03": "interrupt",
  "\x04": "interrupt",
};

/**
 * The keys in what a terminal has sent at once. An escape by itself is the key of that name; sequences that are not
 * known, and control characters that mean nothing here, are left out.
 */
export function keysIn(text: string): readonly Key[] {
  const keys: Key[] = [];
  // deno-lint-ignore no-control-regex
  for (const [found] of text.matchAll(/\x1b(?:\[[0-9;?]*[@-~]|O[@-~])|[\s\S]/gu)) {
    const key = keyOf(found);
    if (key !== undefined) keys.push(key);
  }
  return keys;
}

function keyOf(found: string): Key | undefined {
  if (found === "\x1b") return "escape";
  if (found.startsWith("\x1b")) return SEQUENCES[found.slice(1)];
  // deno-lint-ignore no-control-regex
  return NAMES[found] ?? (/^[\0-\x1f]$/.test(found) ? undefined : found);
}
