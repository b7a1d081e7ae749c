import { clauseText, sessionText } from "../../../../events/mod.ts";
import { ACTIONS } from "../../../../policy/mod.ts";
import type { Asked } from "../model.ts";
import { type Line, line, wrapped } from "../terminal/line.ts";

/** Asks whether a session shall be killed: which one, whose, what it runs, and what would be done to it. */
export function dialogLines(
  { database, action, other, session: { session, statement }, costs }: Asked,
  columns: number,
): readonly Line[] {
  const width = Math.max(10, columns - 1);
  const what = `${action} on ${database}: ${sessionText(session)}`;
  const runs = statement === undefined
    ? "It runs no statement"
    : `${statement.verb ?? "unknown"}, ${statement.digest}: ${statement.digest_text}`;
  const turn = other === undefined ? "" : `c: ${other} · `;
  // Also on a screen that has room for nothing else, what a key does is said of whom.
  const keys = `y: ${action} of session ${session.id} (${
    session.user ?? "unknown"
  }) · ${turn}other keys: leave it`;
  return [
    line("─".repeat(columns), "dim"),
    ...wrapped(what, width).map((text) => line(text, "bold")),
    ...wrapped(runs, width).slice(0, 3).map((text) => line(text)),
    ...costs.flatMap((clause) => wrapped(`Mind that ${clauseText(clause)}`, width)).map((text) =>
      line(text, "warning")
    ),
    line(`This ${ACTIONS[action].meaning}`, "dim"),
    ...wrapped(keys, width).map((text) => line(text, "bad")),
  ];
}
