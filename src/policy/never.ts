import type { Domain } from "./domain.ts";
import type { SettledExecution } from "./memory.ts";
import type { Session, Snapshot } from "./snapshot.ts";

/** What was decided over executions, by what each is known by. */
type Kills = Readonly<Record<string, Pick<SettledExecution, "final">>>;

/**
 * Whether a session is never selected. A policy that had its statement killed may take its next step, where a server
 * shows that it goes on all the same.
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
