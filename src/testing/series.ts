import { parseQuantity, type Reading, type Unknown, type Value } from "../language/mod.ts";
import type { Kind, Path, Problems } from "../yaml/mod.ts";
import { orUnknown } from "./reading.ts";

/** The values of a name over the time of a test, the earliest first. */
export type Series = readonly Point[];

/** A value from one moment on. */
export interface Point {
  /** In milliseconds since the test began. */
  readonly at: number;
  readonly value: Value | Unknown;
}

/** A value, or several with the times from which they hold. */
export function series(kind: Kind<Value>): Kind<Series> {
  const point = orUnknown(kind);
  const expects = `${point.expects}, or a mapping of times to such values`;
  return {
    expects,
    schema: { anyOf: [point.schema, { type: "object", additionalProperties: point.schema }] },
    read(value, path, problems) {
      if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        return readPoints(value, point, { path, problems });
      }
      const always = point.read(value, path, problems);
      return always === undefined ? undefined : [{ at: 0, value: always }];
    },
  };
}

function readPoints(
  value: object,
  kind: Kind<Value | Unknown>,
  { path, problems }: { readonly path: Path; readonly problems: Problems },
): Series {
  const points = Object.entries(value).flatMap(([time, item]): Point[] => {
    const at = parseQuantity(time);
    const value = kind.read(item, [...path, time], problems);
    if (typeof at === "string" || at.type !== "duration") {
      const message = "expected a time since the test began, such as 30s";
      problems.reportKey(path, time, { message });
      return [];
    }
    return value === undefined ? [] : [{ at: at.value, value }];
  });
  return points.toSorted((a, b) => a.at - b.at);
}

/** The value at a moment: unknown if the test does not give it, or not yet. */
export function valueAt(series: Series | undefined, now: number): Reading {
  if (series === undefined) return { unknown: "the test does not give it" };
  return series.findLast(({ at }) => at <= now)?.value ?? { unknown: "the test does not give it yet" };
}
