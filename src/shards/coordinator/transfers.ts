import { DatabaseError } from "../../connection/mod.ts";
import type { Group } from "../members/member.ts";
import { MoveError, movesIn, type MoveStatus, requestMove } from "../move/mod.ts";
import { ClaimedError, type Session, textLiteral } from "../move/session.ts";
import type { Change } from "./change.ts";
import { type ChangeRun, refuseCancelled, StoppedError } from "./change_context.ts";
import { markOf } from "./change_journal.ts";

interface TransferRun extends ChangeRun {
  groupNow(): Promise<Group>;
}

/** How long to wait before something is tried again, in milliseconds. */
const PAUSE = 1_000;

/**
 * Runs the moves of a change, one after the other. Each has its number in its cause: so those are known that were done
 * before a restart.
 * @returns Why they cannot all be done; undefined: they are.
 */
export async function moveSlots(change: Change, run: TransferRun): Promise<string | undefined> {
  for (let index = 0; index < change.transfers.length;) {
    if (run.signal.aborted) throw new StoppedError();
    await refuseCancelled(change, run.lease.session);
    const state = await transfer(change, index, run);
    if (state === "done") index++;
    else if ("failed" in state) return state.failed;
    else await wait(change, state.wait, run);
  }
}

type TransferState = "done" | { readonly failed: string } | { readonly wait: string };

async function transfer(change: Change, index: number, run: TransferRun): Promise<TransferState> {
  const paused = await run.paused();
  if (paused !== undefined) return { wait: paused };
  try {
    const group = await run.groupNow();
    const mark = `${markOf(change.id)}${index}: `;
    const { session } = run.lease;
    const own = (await movesIn(session, { cause: mark })).at(-1);
    if (own?.state === "done") return "done";
    if (own?.state === "aborted") return { failed: `move ${own.id} was aborted${because(own)}` };
    const [other] = await movesIn(session, { active: true });
    if (other !== undefined && other.id !== own?.id) return { wait: `move ${other.id} is under way` };
    await run.lease.verify();
    const { from, to, slots: chosen } = change.transfers[index]!;
    // Somebody may have moved some of them meanwhile.
    const slots = own === undefined ? await ownedOf(session, from, chosen) : chosen;
    if (slots.length === 0) return "done";
    const id = own?.id ?? await requestMove(
      group,
      { from, to, slots, cause: `${mark}${change.cause}` },
      { check: (metadata) => refuseCancelled(change, metadata, { held: true }) },
    );
    const end = await run.move(group, id);
    if (end === "stopped") throw new StoppedError();
    return end === "paused" ? { wait: `move ${id} is paused: shards resume ${id}, or abort` } : again;
  } catch (error) {
    if (error instanceof MoveError) {
      // Another process runs it, and may end it; or somebody has just ordered another move.
      if (error.code !== "refused") return { wait: error.message };
      return { failed: `${error.message}${error.advice === undefined ? "" : `: ${error.advice}`}` };
    }
    if (error instanceof DatabaseError || error instanceof ClaimedError) {
      const { from, to } = change.transfers[index]!;
      return { wait: `moving slots from ${from} to ${to}: ${error.message}` };
    }
    throw error;
  }
}

/** Those that a shard still owns, by the map. Throws DatabaseError. */
async function ownedOf(
  metadata: Session,
  shard: string,
  slots: readonly number[],
): Promise<readonly number[]> {
  const rows = await metadata.rows(`SELECT slot FROM qs_map WHERE shard = ${textLiteral(shard)}`);
  const owned = new Set(rows.map(({ slot }) => Number(slot)));
  return slots.filter((slot) => owned.has(slot));
}

/** Its journal says what became of it. */
const again: TransferState = { wait: "" };

function because({ reason }: MoveStatus): string {
  return reason === undefined ? "" : `: ${reason}`;
}

async function wait(change: Change, reason: string, { tell, clock, signal }: TransferRun): Promise<void> {
  if (reason === "") return;
  tell({ kind: "waiting", change, reason });
  await clock.sleep(PAUSE, signal);
}
