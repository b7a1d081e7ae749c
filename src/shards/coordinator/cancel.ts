import { quoted } from "../../text/nearest.ts";
import { type Group, type Member, readMembers } from "../members/member.ts";
import { withMetadata } from "../move/group.ts";
import { isId } from "../move/journal.ts";
import { makeJournal, movesIn } from "../move/requests.ts";
import type { Session } from "../move/session.ts";
import { addsShard, type Change, ChangeError } from "./change.ts";
import type { ChangeRun } from "./change_context.ts";
import { findChange, markOf, updateChange } from "./change_journal.ts";
import { updateMember } from "./claim.ts";
import { isGivenBack, needOf, release } from "./release.ts";

/**
 * Cancels a change, in its journal, while none of its moves is under way: whoever holds the lease carries that out. What its
 * moves have brought stays where it is. May be ordered again, also once it is cancelled.
 * @throws {ChangeError} There is no such change, one of its moves is under way, or it has ended otherwise.
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
      const move = await moveUnderWay(metadata, id);
      const change = isId(id) ? await findChange(metadata, id, { held: true }) : undefined;
      if (change === undefined) throw new ChangeError("not_found", `there is no such change: ${quoted(id)}`);
      if (change.step === "cancelling" || change.outcome === "cancelled") return change;
      refuseLate(change, move);
      const standby = await doubtfulStandby(metadata, change);
      const reason = standby === undefined
        ? ORDERED
        : `${ORDERED}: ${standby} counts as failed: shards add ${standby} tries it again`;
      return await updateChange(metadata, change, { step: "cancelling", reason });
    });
  });
}

const ORDERED = "cancel was ordered";

/**
 * Marks the standby that a change waits for until it is cancelled: who wants the same again gets another one. undefined: there
 * is none, or it was ready, and the change waits for something else.
 */
async function doubtfulStandby(metadata: Session, { id, step }: Change): Promise<string | undefined> {
  if (step !== "provisioning" && step !== "preparing") return undefined;
  const member = (await readMembers(metadata.connection)).find(({ decision, source, state }) =>
    decision === id && source === "pool" && (state === "claimed" || state === "ready")
  );
  if (member === undefined) return undefined;
  await updateMember(metadata, member.shard, {
    problem: `change ${id} was cancelled while it waited for it, at its step ${step}`,
  });
  return member.shard;
}

/** The move of a change that is under way. None is requested until the end of the transaction. */
async function moveUnderWay(metadata: Session, id: string): Promise<string | undefined> {
  const rows = await metadata.rows(
    "SELECT CAST(id AS CHAR) AS id, CAST(active AS CHAR) AS active, cause FROM qs_move FOR UPDATE",
  );
  return rows.find(({ active, cause }) => active !== null && cause!.startsWith(markOf(id)))?.["id"] ??
    undefined;
}

function refuseLate({ id, step, outcome }: Change, move: string | undefined): void {
  if (outcome !== undefined) {
    throw new ChangeError("conflict", `change ${id} has ended: it is ${outcome}`);
  }
  if (move !== undefined) {
    throw new ChangeError(
      "conflict",
      `change ${id} moves rows: its move ${move} is under way`,
      `abort that, which ends the change too: shards abort move-${move}; or cancel the change once it is done`,
    );
  }
  if (step === "releasing") {
    throw new ChangeError("conflict", `change ${id} has moved all its rows`, "wait until it has ended");
  }
}

/**
 * Takes back what a change did beside its moves: the server that it claimed is free again, and given back where it was made
 * and that is configured. May be ended at any point, and run again.
 */
export async function cancelling(change: Change, run: ChangeRun): Promise<Change> {
  const { session } = run.lease;
  const members = addsShard(change.action) ? await readMembers(session.connection) : [];
  const member = members.find(({ decision, state }) =>
    decision === change.id && state !== "failed" && state !== "released"
  );
  const moved = await movedText(session, change);
  const end = (reason?: string) => {
    const whys = [reason, moved].filter((why) => why !== undefined);
    return updateChange(session, change, {
      outcome: "cancelled",
      ...whys.length > 0 && { reason: [ORDERED, ...whys].join(": ") },
    });
  };
  if (member === undefined) return await end();
  const { shard } = member;
  // With the look, so that no move to it begins between the two.
  const need = await session.transaction(async () => {
    const found = await needOf(session, shard);
    await updateMember(session, shard, { state: found === undefined ? idleState(member) : "serving" });
    return found;
  });
  if (need !== undefined) return await end(`${need.reason}: it stays in the group`);
  const left = await release(member, change, run);
  if (left !== undefined) return await end(left);
  const isKept = (member.source === "http" || member.source === "exec") && !isGivenBack(member, run);
  return await end(isKept ? `${shard} is not given back: shards add ${shard} takes it` : undefined);
}

/** Of a server that nothing needs any more: one that was waited for in vain is not chosen before others. */
function idleState({ source, problem }: Member): Member["state"] {
  return source === "pool" && problem !== undefined ? "failed" : "drained";
}

/** What stays where its moves have brought it; undefined: nothing was moved. */
async function movedText(metadata: Session, { id, transfers }: Change): Promise<string | undefined> {
  const moves = await movesIn(metadata, { cause: markOf(id) });
  const done = moves.filter(({ state }) => state === "done");
  if (done.length === 0) return undefined;
  const slots = done.reduce((sum, { slots }) => sum + slots.length, 0);
  return `${done.length} of its ${transfers.length} moves ${done.length === 1 ? "is" : "are"} done, ` +
    `and what they moved stays: ${slots} slots`;
}
