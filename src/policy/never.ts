import type { Domain } from "./domain.ts";
import type { SettledExecution } from "./memory.ts";
import type { Session, Snapshot } from "./snapshot.ts";

/** The decided executions, by their identity. */
type Kills = Readonly<Record<string, Pick<SettledExecution, "final">>>;

/**
 * Whether a session must never be selected. A policy that has killed its statement may still take the next step, if
 * the server shows that the session runs on.
 */
export function isNeverSelected(
  session: Session,
  { whyNever }: Pick<Domain, "whyNever">,
  { own, settled }: { readonly own: Snapshot["own"]; readonly settled: Kills },
): boolean {
  if (whyNever(session, own) === undefined) return false;
  const mayGoOn = settled[session.execution]?.final === false;
  return !mayGoOn || whyNever(session, { ...own, mayGoOn }) !== undefined;
}
