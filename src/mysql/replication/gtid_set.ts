/** Transaction numbers from the first to the last, both included. */
export type Interval = readonly [first: number, last: number];

/**
 * A set of MySQL's transaction identifiers: by `uuid` or `uuid:tag`, in lower case, intervals in ascending
 * order that neither touch nor overlap. Plain data, so that it can be written as JSON.
 */
export type GtidSet = Readonly<Record<string, readonly Interval[]>>;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Tags exist since MySQL 8.3 (manual, "GTID Format and Storage"). A tag applies to the intervals after it. */
const TAG = /^[a-z_][a-z0-9_]{0,31}$/;
const INTERVAL = /^([0-9]{1,16})(?:-([0-9]{1,16}))?$/;

/**
 * Parses a set as MySQL prints it, with or without line breaks.
 * @returns undefined if it is not a set, or has numbers that JavaScript cannot represent exactly.
 */
export function parseGtidSet(text: string): GtidSet | undefined {
  const found = new Map<string, Interval[]>();
  // A set that was concatenated may have empty parts between commas.
  for (const part of text.toLowerCase().split(",").map((each) => each.trim())) {
    if (part !== "" && !parsePart(part, found)) return undefined;
  }
  return Object.fromEntries([...found].map(([key, intervals]) => [key, merged(intervals)]));
}

/** Parses `uuid:1-5:7:tag:1`; false if it is malformed. */
function parsePart(part: string, found: Map<string, Interval[]>): boolean {
  const [uuid = "", ...fields] = part.split(":").map((each) => each.trim());
  if (!UUID.test(uuid)) return false;
  let key = uuid;
  let complete = false;
  for (const field of fields) {
    const interval = parseInterval(field);
    if (interval !== undefined) {
      const intervals = found.get(key) ?? [];
      intervals.push(interval);
      found.set(key, intervals);
      complete = true;
    } else {
      const afterTag = key !== uuid && !complete;
      if (afterTag || !TAG.test(field)) return false;
      key = `${uuid}:${field}`;
      complete = false;
    }
  }
  return complete;
}

function parseInterval(field: string): Interval | undefined {
  const match = INTERVAL.exec(field);
  if (match === null) return undefined;
  const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
  return first >= 1 && first <= last && Number.isSafeInteger(last) ? [first, last] : undefined;
}

/** Sorts intervals, and merges those that touch or overlap. */
function merged(intervals: readonly Interval[]): readonly Interval[] {
  const result: Interval[] = [];
  for (const [first, last] of intervals.toSorted(([a], [b]) => a - b)) {
    const before = result.at(-1);
    if (before === undefined || before[1] + 1 < first) result.push([first, last]);
    else result[result.length - 1] = [before[0], Math.max(before[1], last)];
  }
  return result;
}

/** The union of two sets. */
export function unionOfGtidSets(a: GtidSet, b: GtidSet): GtidSet {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...keys].map((key) => [key, merged([...a[key] ?? [], ...b[key] ?? []])]));
}

/** Whether `outer` includes all of `inner`. The empty set is always included. */
export function includesGtidSet(outer: GtidSet, inner: GtidSet): boolean {
  return Object.entries(inner).every(([key, intervals]) => {
    const own = outer[key] ?? [];
    // The intervals of a set do not touch, so an included interval lies within a single one.
    let at = 0;
    return intervals.every(([first, last]) => {
      while (at < own.length && own[at]![1] < first) at++;
      const candidate = own[at];
      return candidate !== undefined && candidate[0] <= first && last <= candidate[1];
    });
  });
}

export function isEmptyGtidSet(set: GtidSet): boolean {
  return Object.values(set).every((intervals) => intervals.length === 0);
}
