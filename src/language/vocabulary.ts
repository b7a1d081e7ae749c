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

/** Whether a name describes a whole target, such as a database, or one of its sessions. */
export type Scope = "database" | "session";

/** The two states of a session, each a condition of the language. */
export type Activity = "running" | "idle";

/** Everything the program knows about a name. If a part of the program has to know more, add a column. */
export interface NameRow {
  readonly name: string;
  readonly scope: Scope;
  readonly type: Type;
  readonly meaning: string;
  /** All its possible values, if there is a fixed list. */
  readonly values?: readonly string[];
  /** Those of `values` that a selectable session can have; absent: all of them. */
  readonly selectable?: readonly string[];
  /** It is the raw text of a statement: only the digest text is printed, and nothing is recorded. */
  readonly statement?: true;
  /** It identifies a person, machine or application, and is hashed if names must not be revealed. */
  readonly private?: true;
  /** It needs a read of its own, which is done only for sessions that a policy may still select. */
  readonly costly?: true;
  /** It may be known in part: then the known part may decide a comparison. */
  readonly partly?: true;
  /** It is known for every session that is listed. */
  readonly always_known?: true;
  /** It is known only in this state of the session. */
  readonly known_while?: Activity;
  /** The value that every idle session has, and no running one. */
  readonly idle_value?: string;
  /** It grows by a millisecond per millisecond. `unless_zero`: 0 means that there is nothing to grow. */
  readonly grows?: "always" | "unless_zero";
  /** It may change while the session keeps running the same statement. */
  readonly changes?: true;
  /** Its value in a session that harms nobody. */
  readonly harmless?: number | boolean;
  /** Its value once the session's transaction has ended. Only for names whose value can outlast the statement. */
  readonly released?: number | boolean;
  /** Its value on a server that does not replicate. */
  readonly standalone?: number | boolean;
  /** It counts similar running sessions, so all of them must be read. */
  readonly counts_alike?: true;
  /** It tells that a session causes the problem, such as lag. */
  readonly is_cause?: true;
  /** The group of names that it is read together with. */
  readonly part_of?: string;
  /** The extra privileges or settings that reading it needs. */
  readonly needs?: readonly string[];
  /**
   * Which texts it can have. `account`: names without special characters. `host`: such names, or addresses. `any`:
   * whatever somebody wrote.
   */
  readonly text?: "account" | "host" | "any";
  /** Returns what is wrong with a text that it is compared with. */
  readonly fault?: (compared: ComparedText) => Fault | undefined;
}

/** The rows of the names in an expression. */
export type Rows = ReadonlyMap<string, NameRow>;

/** The names of the policy language for one kind of target. */
export interface Vocabulary {
  /** What one target is called where it is one of a group; absent: there are no groups. */
  readonly member?: string;
  /** In the order of the documentation. */
  readonly rows: readonly NameRow[];
  /** Families of names whose keys users choose. Each row stands for `NAME.KEY`. */
  readonly families: readonly NameRow[];
  /** Names from other tools, each with its name here. */
  readonly familiar: ReadonlyMap<string, string>;
  /** Values that targets show, but that have no name in the language. */
  readonly unread: ReadonlySet<string>;
  /** The row of a lower-case name, if there is one. */
  row(name: string): NameRow | undefined;
}

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

/** The key in a name such as `metric.KEY`; undefined if the name is not of this family. */
export function keyOf(family: string, name: string): string | undefined {
  return name.startsWith(`${family}.`) ? name.slice(family.length + 1) : undefined;
}

/** Whether this is the value of a name in every idle session and in no running one. */
export function isIdleValue(row: NameRow | undefined, value: string): boolean {
  return row?.idle_value !== undefined && row.idle_value === value;
}

/** The values of one column, by name. Rows without a value are left out. */
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
