import { greatestOf, isUnknown, leastOf, type Member, type Reading, type Unknown } from "./reading.ts";

/** What can be said of all members of a group at once, by the word for it. */
export const AGGREGATES = {
  sum: "the sum of a value over the group",
  avg: "its mean",
  min: "the smallest of them",
  max: "the greatest of them",
  count: "for how many members a condition holds; of a value, how many members there are",
} as const;

/** The word for an aggregate. */
export type Aggregate = keyof typeof AGGREGATES;

export const AGGREGATE_NAMES = Object.keys(AGGREGATES) as readonly Aggregate[];

/** The value of one member; undefined where it was not read. */
export interface MemberReading {
  readonly member: Member;
  readonly reading: Reading | undefined;
}

/**
 * What is known of a group from the values of its members: unknown where one of them is, with a lower bound where
 * amounts allow one. No amount of the language is negative.
 */
export function aggregated(aggregate: Aggregate, members: readonly MemberReading[]): number | Unknown {
  if (members.length === 0) return { unknown: "the group has no members" };
  const amounts = members.map(({ member, reading }) => amountOf(member, reading, aggregate === "count"));
  switch (aggregate) {
    case "count":
    case "sum":
      return sumOf(amounts);
    case "avg":
      return divided(sumOf(amounts), amounts.length);
    case "max":
      return greatestOf(amounts);
    case "min":
      return smallestOf(amounts);
  }
}

/** The amount of a member, or why it is unknown and of which member. To count, each true or known value is 1. */
function amountOf({ name }: Member, reading: Reading | undefined, isCount: boolean): number | Unknown {
  if (reading === undefined) return { unknown: `${name}: not read` };
  if (isUnknown(reading)) {
    const least = isCount ? undefined : leastOf(reading);
    return { unknown: `${name}: ${reading.unknown}`, ...least !== undefined && { atLeast: least } };
  }
  if (isCount) return reading === false ? 0 : 1;
  return typeof reading === "number" && !Number.isNaN(reading)
    ? reading
    : { unknown: `${name}: it is no number` };
}

function sumOf(amounts: readonly (number | Unknown)[]): number | Unknown {
  const least = amounts.reduce<number>(
    (sum, amount) => sum + (typeof amount === "number" ? amount : leastOf(amount) ?? 0),
    0,
  );
  const unknown = amounts.find(isUnknown);
  return unknown === undefined ? least : { unknown: unknown.unknown, atLeast: least };
}

function divided(sum: number | Unknown, count: number): number | Unknown {
  if (typeof sum === "number") return sum / count;
  return { unknown: sum.unknown, atLeast: (sum.atLeast ?? 0) / count };
}

function smallestOf(amounts: readonly (number | Unknown)[]): number | Unknown {
  const unknown = amounts.find(isUnknown);
  const bounds = amounts.map((amount) => typeof amount === "number" ? amount : leastOf(amount) ?? 0);
  const least = Math.min(...bounds);
  return unknown === undefined ? least : { unknown: unknown.unknown, atLeast: least };
}
