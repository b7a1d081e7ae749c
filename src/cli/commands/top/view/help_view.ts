import { type Line, line } from "../terminal/line.ts";

const KEYS: readonly (readonly [key: string, meaning: string])[] = [
  ["up down", "move; also PgUp, PgDn, Home, End"],
  ["Enter", "the sessions of this database"],
  ["Esc", "back; drops the filter first"],
  ["Tab", "to the other view"],
  ["/", "show only what has a text: in a name, user, digest …"],
  ["a", "all sessions, or those in question"],
  ["p", "freeze the display, or go on"],
  ["k", "kill this session, after a question"],
  ["?", "this help"],
  ["q", "quit; also Ctrl-C"],
];

/** What the keys do. */
export function helpLines(): readonly Line[] {
  return [
    line("query-sniper top", "bold"),
    ...KEYS.map(([key, meaning]): Line => [{ text: `  ${key.padEnd(9)}`, style: "bold" }, { text: meaning }]),
    line(""),
    line("~ before an age: it rests, and runs nothing. ? is unknown.", "dim"),
    line("A kill needs mode: enforce, and is written to the journal.", "dim"),
  ];
}
