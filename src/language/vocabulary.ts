import type { ComparedText, Fault } from "./fault.ts";
import type { QuantityType } from "./quantity.ts";

/** The type of a value in the policy language. */
export type Type = QuantityType | "string" | "boolean";

/** What a value of each type is called in messages. */
export const TYPE_WORDS: Readonly<Record<Type, string>> = {
  number: "a number",
  duration: "a duration",
  bytes: "a size",
  percent: "a percentage",
  string: "a string",
  boolean: "a condition",
};

/** Whether a name says something of a whole database or of one of its sessions. */
export type Scope = "database" | "session";

/** What a session does that may be selected: the two conditions `running` and `idle`. */
export type Activity = "running" | "idle";

/** All that is known of a name. What a part of the program has to know beside this is a new column. */
export interface NameRow {
  readonly name: string;
  readonly scope: Scope;
  readonly type: Type;
  readonly meaning: string;
  /** The only values that it can have, where they are known. */
  readonly values?: readonly string[];
  /** Those of its values that a session can have which a policy may select; absent: any. */
  readonly selectable?: readonly string[];
  /** Raw statement text: printed as its digest text alone, and recorded nowhere. */
  readonly statement?: true;
  /** What a person, a machine or an application is known by: hashed where names are not to be told. */
  readonly private?: true;
  /** Read by itself, and only for sessions that a policy may still select. */
  readonly costly?: true;
  /** What of it is known may decide a comparison, while it is unknown as a whole. */
  readonly partly?: true;
  /** Whoever sees a session sees this of it. */
  readonly always_known?: true;
  /** Unknown of a session that does the other thing. */
  readonly known_while?: Activity;
  /** Its value in every idle session, and in no running one. */
  readonly idle_value?: string;
  /** By a millisecond in each. `unless_zero`: 0 stands for what is not there, and stays. */
  readonly grows?: "always" | "unless_zero";
  /** May change of a session while it goes on with what it does. */
  readonly changes?: true;
  /** Its value in a session that is in nobody's way. */
  readonly harmless?: number | boolean;
  /** Its value once the session's transaction is over, of what does not end with a statement. */
  readonly released?: number | boolean;
  /** Its value on a server that follows no other. */
  readonly standalone?: number | boolean;
  /** A count of running sessions that are alike: all of them have to be read for it. */
  readonly counts_alike?: true;
  /** Says that a session is the cause of what hurts. */
  readonly is_cause?: true;
  /** What it is read with. */
  readonly part_of?: string;
  /** What the account has to be able to do on the target, beside what it always has to. */
  readonly needs?: readonly string[];
  /** Its texts: `account`, names without signs; `host`, such names or addresses; `any`, whatever somebody wrote. */
  readonly text?: "account" | "host" | "any";
  /** What is wrong with a text that it is compared with. */
  readonly fault?: (compared: ComparedText) => Fault | undefined;
}

/** The rows of the names in an expression. */
export type Rows = ReadonlyMap<string, NameRow>;

/** The names by which policies speak of one kind of target. */
export interface Vocabulary {
  /** In the order in which they are listed. */
  readonly rows: readonly NameRow[];
  /** Names of which there are as many as users make: each row stands for `NAME.KEY`. */
  readonly families: readonly NameRow[];
  /** What names are called elsewhere, and here. */
  readonly familiar: ReadonlyMap<string, string>;
  /** What targets show, and no name stands for. */
  readonly unread: ReadonlySet<string>;
  /** The row of a name in lower case, if there is one. */
  row(name: string): NameRow | undefined;
}

/** A vocabulary with these names. */
export function vocabularyOf(names: Omit<Vocabulary, "row">): Vocabulary {
  const byName = new Map(names.rows.map((row) => [row.name, row]));
  return {
    ...names,
    row(name) {
      const family = names.families.find((family) => keyOf(family.name, name) !== undefined);
      return family === undefined ? byName.get(name) : { ...family, name };
    },
  };
}

/** The key in a name such as `metric.KEY`; undefined for names that are not of this family. */
export function keyOf(family: string, name: string): string | undefined {
  return name.startsWith(`${family}.`) ? name.slice(family.length + 1) : undefined;
}

/** Whether a name has this value in every idle session, and in no running one. */
export function isIdleValue(row: NameRow | undefined, value: string): boolean {
  return row?.idle_value !== undefined && row.idle_value === value;
}

/** What the rows have in one column, by name; of rows that have nothing there, nothing. */
export function column<K extends "harmless" | "released" | "standalone">(
  rows: Iterable<NameRow>,
  key: K,
): Readonly<Record<string, NonNullable<NameRow[K]>>> {
  const found: Record<string, NonNullable<NameRow[K]>> = {};
  for (const row of rows) {
    const value = row[key];
    if (value !== undefined) found[row.name] = value;
  }
  return found;
}
