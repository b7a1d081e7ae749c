import type { Rules } from "../config/mod.ts";
import { NOT_READ_YET, vocabularyEntry } from "../language/mod.ts";
import type { Session, Snapshot } from "../snapshot/mod.ts";
import type { Gate } from "./gate.ts";
import type { Memory } from "./memory.ts";
import { isNeverSelected } from "./never.ts";

/**
 * The sessions that a policy whose gate is ready may still select, whatever is read of them yet. What was not
 * read can make neither true of false nor false of true.
 */
export function narrow(
  { sessions, health, own }: Pick<Snapshot, "sessions" | "health" | "own">,
  gates: readonly Gate[],
  { policies, limits, mode }: Rules,
  { settled }: Pick<Memory, "settled">,
): readonly Session[] {
  const ready = policies.filter((_, index) => gates[index]!.ready);
  const looksOn = ready.some((policy) => policy.then === "log" || policy.mode === "dry-run");
  // What was decided over, and will not be escalated, is not asked about again but by those who look on.
  const isOver = ({ execution }: Session) => {
    const over = settled[execution];
    return over !== undefined && !looksOn &&
      (over.final || mode !== "enforce" ||
        !ready.some(({ name, escalate }) => name === over.policy && escalate));
  };
  const dear = ready.flatMap(({ where }) => where.needs).filter((name) => vocabularyEntry(name)?.dear);
  const unread = Object.fromEntries(dear.map((name) => [name, NOT_READ_YET]));
  return sessions.filter((session) =>
    !isNeverSelected(session, own) && !isOver(session) &&
    ready.some(({ where, then }) =>
      !(then === "kill query" && !session.running) &&
      where.evaluate({ limits, database: health, session: { ...unread, ...session } }) !== false
    )
  );
}
