import type { Secret } from "../text/secret.ts";

/** A value that was read. Durations are in milliseconds, percentages in percent. */
export type Value = number | string | boolean;

/** A value that could not be read, and why. A comparison with it is unknown, unless `atLeast` decides it. */
export interface Unknown {
  readonly unknown: string;
  /** A lower bound: the known part of a maximum, a sum or a count. Absent if nothing is known. */
  readonly atLeast?: number;
}

/**
 * A value that may still be read, so that even `is unknown` is undecided. Used during an evaluation, and never
 * stored.
 */
export const NOT_READ_YET: Unknown = { unknown: "not read yet" };

/** The text of a statement. Never printed. `cut`: the server kept only its beginning. */
export interface StatementText {
  readonly text: Secret;
  readonly cut: boolean;
}

/** The value of a name at one moment. */
export type Reading = Value | Unknown | StatementText;

/** Readings by name. A name that is absent was not read. */
export type Readings = Readonly<Partial<Record<string, Reading>>>;

/** One member of a group of targets. */
export interface Member {
  readonly name: string;
  readonly readings: Readings;
}

/** Everything that an expression can refer to. */
export interface Subject {
  readonly limits: Readonly<Record<string, number>>;
  readonly database: Readings;
  /** How some values of the database were measured, if there are several methods. */
  readonly methods?: Readonly<Partial<Record<string, string>>>;
  /** Absent if the expression is about the database, as in `when`. */
  readonly session?: Readings;
  /** The targets that aggregates are over; absent if the expression is about one target. */
  readonly members?: readonly Member[];
}

/** Whether a value could not be read. */
export function isUnknown(reading: unknown): reading is Unknown {
  return typeof reading === "object" && reading !== null && "unknown" in reading;
}

/** The lower bound of an unknown value; undefined if there is none. */
export function leastOf(reading: unknown): number | undefined {
  return isUnknown(reading) && typeof reading.atLeast === "number" && !Number.isNaN(reading.atLeast)
    ? reading.atLeast
    : undefined;
}

/**
 * The greatest of some amounts. If one of them is unknown, so is the result, with the greatest known amount as its
 * lower bound.
 */
export function greatestOf(amounts: readonly (number | Unknown)[]): number | Unknown {
  const least = Math.max(
    ...amounts.map((each) => typeof each === "number" ? each : leastOf(each) ?? -Infinity),
  );
  const unknown = amounts.find(isUnknown);
  if (unknown === undefined) return least;
  return Number.isFinite(least) ? { unknown: unknown.unknown, atLeast: least } : { unknown: unknown.unknown };
}
