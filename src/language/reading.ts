import type { Secret } from "../text/secret.ts";

/** A value that was read. Durations are in milliseconds, percentages in percent. */
export type Value = number | string | boolean;

/** What could not be read, and why. A comparison with it is unknown, unless what was read of it decides. */
export interface Unknown {
  readonly unknown: string;
  /** What it is at least: the known part of a maximum, a sum or a count. Absent where nothing is known. */
  readonly atLeast?: number;
}

/** What may still be read: nobody knows even whether it is unknown. For one evaluation, and not for keeping. */
export const NOT_READ_YET: Unknown = { unknown: "not read yet" };

/** Text of a statement: never printed; `cut` says that the server kept only its beginning. */
export interface StatementText {
  readonly text: Secret;
  readonly cut: boolean;
}

/** What a name stands for at one moment. */
export type Reading = Value | Unknown | StatementText;

/** Readings by name. A name that is not there was not read. */
export type Readings = Readonly<Partial<Record<string, Reading>>>;

/** Everything that an expression can refer to. */
export interface Subject {
  readonly limits: Readonly<Record<string, number>>;
  readonly database: Readings;
  /** What some of the database's values were measured by, where there are several ways. */
  readonly methods?: Readonly<Partial<Record<string, string>>>;
  /** Absent in `when`. */
  readonly session?: Readings;
}

/** Whether a reading could not be made. */
export function isUnknown(reading: unknown): reading is Unknown {
  return typeof reading === "object" && reading !== null && "unknown" in reading;
}

/** What a reading that could not be made is at least; undefined where that is not known either. */
export function leastOf(reading: unknown): number | undefined {
  return isUnknown(reading) && typeof reading.atLeast === "number" && !Number.isNaN(reading.atLeast)
    ? reading.atLeast
    : undefined;
}

/** The greatest of some amounts: where one is unknown, it is at least the greatest that is known. */
export function greatestOf(amounts: readonly (number | Unknown)[]): number | Unknown {
  const least = Math.max(
    ...amounts.map((each) => typeof each === "number" ? each : leastOf(each) ?? -Infinity),
  );
  const unknown = amounts.find(isUnknown);
  if (unknown === undefined) return least;
  return Number.isFinite(least) ? { unknown: unknown.unknown, atLeast: least } : { unknown: unknown.unknown };
}
