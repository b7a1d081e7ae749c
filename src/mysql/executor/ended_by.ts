import { isUnknown } from "../../language/mod.ts";
import type { Session } from "../../policy/mod.ts";

/**
 * How a second reading differs from the first: `gone`, `changed`, or not at all. A row of a process list can be
 * torn, with the id of a new statement next to the time of the old one; then the second reading differs.
 */
export function endedBy(before: Session, now: Session | undefined): "gone" | "changed" | undefined {
  if (now === undefined) return "gone";
  if (now.execution !== before.execution || now.running !== before.running) {
    return now.running ? "changed" : "gone";
  }
  const agree = textOf(now) === textOf(before) && !hasGoneBack(before, now);
  return agree ? undefined : "changed";
}

/** The text of a session's statement as the list of sessions shows it. */
function textOf({ sql, shown }: Session): string | undefined {
  if (typeof sql === "string") return sql;
  const text = shown ?? sql;
  return "text" in text ? text.text.reveal() : undefined;
}

function hasGoneBack(before: Session, now: Session): boolean {
  const name = before.running ? "time" : "idle_time";
  const [earlier, later] = [before[name], now[name]];
  return isUnknown(earlier) || isUnknown(later) ? isUnknown(earlier) !== isUnknown(later) : later < earlier;
}
