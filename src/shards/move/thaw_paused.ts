import type { GroupAccess } from "./contract.ts";
import { thaw } from "./flip.ts";
import { openSession } from "./group.ts";
import { findMove } from "./journal.ts";
import { ClaimedError, type Session } from "./session.ts";

/**
 * Gives the slots back of a move that was paused at its freeze: a process may have died with them frozen, and as long as the
 * move rests nobody else would. Where another process runs it, that one does. Throws DatabaseError.
 */
export async function thawPaused(group: GroupAccess, id: string): Promise<void> {
  const opened: Session[] = [];
  try {
    const metadata = await openSession(group, group.sharding.metadata, "metadata");
    opened.push(metadata);
    // Under the claim nobody can freeze them again meanwhile, whatever is ordered.
    const move = await findMove(metadata, id);
    if (move?.state !== "paused" || move.step !== "freeze") return;
    const source = await openSession(group, move.from, "source");
    opened.push(source);
    await thaw({ source, slots: move.slots.join() });
  } catch (error) {
    if (!(error instanceof ClaimedError)) throw error;
  } finally {
    await Promise.all(opened.map((session) => session.close()));
  }
}
