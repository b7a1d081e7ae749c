import { quoted } from "../../text/nearest.ts";
import { type Group, readMembers } from "../members/member.ts";
import { withMetadata } from "../move/group.ts";
import { isId } from "../move/journal.ts";
import { makeJournal } from "../move/requests.ts";
import type { Session } from "../move/session.ts";
import { addsShard, type Change, ChangeError } from "./change.ts";
import type { ChangeRun } from "./change_context.ts";
import { findChange, markOf, updateChange } from "./change_journal.ts";
import { updateMember } from "./claim.ts";
import { isGivenBack, needOf, release } from "./release.ts";

/**
 * Cancels a change that has not begun to move slots, in its journal: whoever holds the lease carries that out. May be
 * ordered again, also once it is cancelled.
 * @throws {ChangeError} There is no such change, it has begun to move, or it has ended otherwise.
 * @throws {DatabaseError}
 */
export async function cancelChange(group: Group, id: string): Promise<Change> {
  if (group.sharding.mode === "dry-run") {
    throw new ChangeError(
      "refused",
      "nothing was cancelled: sharding.mode is dry-run",
      "set sharding.mode to enforce",
    );
  }
  return await withMetadata(group, async (metadata) => {
    await makeJournal(metadata);
    return await metadata.transaction(async () => {
      const moves = await movesOf(metadata, id);
      const change = isId(id) ? await findChange(metadata, id, { held: true }) : undefined;
      if (change === undefined) throw new ChangeError("not_found", `there is no such change: ${quoted(id)}`);
      if (change.step === "cancelling" || change.outcome === "cancelled") return change;
      refuseLate(change, moves);
      return await updateChange(metadata, change, { step: "cancelling", reason: "cancel was ordered" });
    });
  });
}

/** The moves of a change. None is requested until the end of the transaction. */
async function movesOf(metadata: Session, id: string): Promise<readonly string[]> {
  const rows = await metadata.rows("SELECT CAST(id AS CHAR) AS id, cause FROM qs_move FOR UPDATE");
  return rows.filter(({ cause }) => cause!.startsWith(markOf(id))).map(({ id }) => id!);
}

function refuseLate({ id, step, outcome }: Change, moves: readonly string[]): void {
  if (outcome !== undefined) {
    throw new ChangeError("conflict", `change ${id} has ended: it is ${outcome}`);
  }
  const move = moves.at(-1);
  if (step === "releasing" || move !== undefined) {
    throw new ChangeError(
      "conflict",
      `change ${id} has begun to move rows: its step is ${step}`,
      move === undefined ? "wait until it has ended" : `its last move is ${move}: see shards moves`,
    );
  }
}

/**
 * Takes back what a change did before its moves: the server that it claimed is free again, and given back where it was made
 * and that is configured. May be ended at any point, and run again.
 */
export async function cancelling(change: Change, run: ChangeRun): Promise<Change> {
  const { session } = run.lease;
  const members = addsShard(change.action) ? await readMembers(session.connection) : [];
  const member = members.find(({ decision, state }) =>
    decision === change.id && state !== "failed" && state !== "released"
  );
  const end = (reason?: string) =>
    updateChange(session, change, {
      outcome: "cancelled",
      ...reason !== undefined && { reason: `cancel was ordered: ${reason}` },
    });
  if (member === undefined) return await end();
  const { shard } = member;
  // With the look, so that no move to it begins between the two.
  const need = await session.transaction(async () => {
    const found = await needOf(session, shard);
    await updateMember(session, shard, { state: found === undefined ? "drained" : "serving" });
    return found;
  });
  if (need !== undefined) return await end(`${need.reason}: it stays in the group`);
  const left = await release(member, change, run);
  if (left !== undefined) return await end(left);
  const isKept = (member.source === "http" || member.source === "exec") && !isGivenBack(member, run);
  return await end(isKept ? `${shard} is not given back: shards add ${shard} takes it` : undefined);
}
