import { isUnknown, leastOf } from "../language/mod.ts";
import type { Domain, Session } from "../policy/mod.ts";

/** A session whose age is not known comes last in either order. */
function compareAges(a: Session, b: Session, direction: number): number {
  const [ageA, ageB] = [ageOf(a), ageOf(b)];
  if (ageA === undefined || ageB === undefined) return ageA === ageB ? 0 : ageA === undefined ? 1 : -1;
  return (ageA - ageB) * direction;
}

/**
 * The session that most others wait for comes first, those with an unknown number last; then by age, the oldest first.
 */
function compareBlocking(a: Session, b: Session): number {
  const [first, second] = [a, b].map(({ blocking }) =>
    typeof blocking === "number" ? blocking : leastOf(blocking) ?? -1
  );
  return second! - first! || compareAges(a, b, -1);
}

/** How each order sorts sessions. */
export const ORDERS: Domain["orders"] = {
  oldest: { compare: (a, b) => compareAges(a, b, -1), needs: [] },
  newest: { compare: (a, b) => compareAges(a, b, 1), needs: [] },
  "most-blocking": { compare: compareBlocking, needs: ["blocking"] },
};

function ageOf({ running, time, idle_time }: Session): number | undefined {
  const age = running ? time : idle_time;
  return isUnknown(age) ? undefined : age;
}
