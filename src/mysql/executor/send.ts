import { DatabaseError } from "../../connection/mod.ts";
import { kill } from "../kill.ts";
import { readDenial } from "../denial.ts";
import { type IntendedKill, type Killer, type PendingKill, report } from "./killer.ts";

/**
 * Has the server compare and kill, after the intent was written. Returns undefined if the server refused, after
 * reporting that.
 * @throws {DatabaseError} `lost`; also reported.
 */
export async function send(intended: IntendedKill, killer: Killer): Promise<PendingKill | undefined> {
  const { connection, capabilities, lease, clock } = killer;
  const { decision, kind, intent } = intended;
  const { session: { id, execution, running }, server } = decision;
  const sentAt = clock.now();
  try {
    const answer = await kill(connection, capabilities, { kind, id, execution, running, server, lease });
    return { decision, kind, intent, sentAt, missed: answer === "missed" };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    const note = error.withAdvice;
    // Refused for a reason other than a privilege: the following checks will show whether it took effect.
    if (error.kind === "statement") return { decision, kind, intent, sentAt, missed: false, note };
    if (error.kind === "lost") {
      report(killer, decision, "unconfirmed", { sentAt, intent, note });
      throw error;
    }
    const { reason, shielded } = await readDenial(connection, capabilities);
    report(killer, decision, "denied", { sentAt, intent, note: `${error.message}: ${reason}`, shielded });
  }
}
