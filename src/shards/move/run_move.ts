import { DatabaseError } from "../../connection/mod.ts";
import { quoted } from "../../text/nearest.ts";
import { Checkpoint } from "./checkpoint.ts";
import { undoDestination, undoSource } from "./clean.ts";
import { GiveUpError, type MoveContext, OrderError, OwnershipError } from "./context.ts";
import { canAbort, type GroupAccess, type MoveEnd, MoveError, type MoveRun } from "./contract.ts";
import { openSession, withMetadata } from "./group.ts";
import { changeMove, findMove, type JournalMove } from "./journal.ts";
import { dryRun } from "./requests.ts";
import { thaw } from "./flip.ts";
import { ClaimedError, type Session } from "./session.ts";
import { advance } from "./steps.ts";
import { readTables } from "./table.ts";
import { thawPaused } from "./thaw_paused.ts";

/** How long to wait before something is tried again, in milliseconds: first, and at most. */
const [FIRST_WAIT, LONGEST_WAIT] = [100, 3000] as const;

/**
 * Runs a move from the step that its journal says to its end. It may be killed at any moment, and run again by any process;
 * it waits for servers that are away.
 * @throws {MoveError} Where there is no such move, another process runs it, or nothing may be written.
 */
export async function runMove(group: GroupAccess, id: string, run: MoveRun): Promise<MoveEnd> {
  if (group.sharding.mode === "dry-run") throw dryRun();
  let wait: number = FIRST_WAIT;
  for (;;) {
    if (run.signal.aborted) return "stopped";
    const began = run.clock.now();
    try {
      const end = await runOnce(group, id, run);
      if (end !== undefined) return end;
    } catch (error) {
      if (error instanceof ClaimedError) {
        throw new MoveError(`${error.message}: move ${quoted(id)} is not run here`, undefined, "elsewhere");
      }
      if (!(error instanceof DatabaseError)) throw error;
      run.tell({ kind: "waiting", id, reason: error.withAdvice });
      if (run.clock.now() - began > LONGEST_WAIT) wait = FIRST_WAIT;
      await run.clock.sleep(wait, run.signal);
      wait = Math.min(2 * wait, LONGEST_WAIT);
    }
  }
}

/** Runs it as long as the servers are there; undefined: to be run again. Throws DatabaseError where a server is not there. */
async function runOnce(group: GroupAccess, id: string, run: MoveRun): Promise<MoveEnd | undefined> {
  const move = await withMetadata(group, (metadata) => findMove(metadata, id));
  if (move === undefined) throw new MoveError(`there is no such move: ${quoted(id)}`);
  const end = endOf(move);
  if (end === "paused" && move.step === "freeze") await thawPaused(group, id);
  if (end !== undefined) return end;
  const opened: Session[] = [];
  const open = async (name: string, role?: "metadata" | "source" | "destination") => {
    const session = await openSession(group, name, role);
    opened.push(session);
    return session;
  };
  try {
    const metadata = await open(group.sharding.metadata, "metadata");
    const source = await open(move.from, "source");
    const aside = await open(move.from);
    const tables = await readTables(source, group.sharding, "sharded");
    const near: NearContext = {
      ...{ sharding: group.sharding, run, metadata, source, aside, tables, move },
      slots: move.slots.join(),
      touched: undefined,
      samples: new Map(),
    };
    if (!await undoNear(near)) return undefined;
    let destination: Session;
    try {
      destination = await open(move.to, "destination");
    } catch (error) {
      if (!isGone(error)) throw error;
      const end = await endWithout(near);
      if (end === undefined) throw error;
      return end;
    }
    return await runSteps({ ...near, destination });
  } finally {
    await Promise.all(opened.map((session) => session.close()));
  }
}

/** What a move works with before its destination was reached. */
type NearContext = Omit<MoveContext, "destination">;

/**
 * Of a move that is being aborted, what is to be done at the source: before the destination is asked, which may be gone for
 * good, while slots are frozen and logs grow.
 * @returns Whether to go on. Throws DatabaseError.
 */
async function undoNear(near: NearContext): Promise<boolean> {
  const { metadata } = near;
  // Read again under the claim: another process may have brought it further.
  near.move = await findMove(metadata, near.move.id) ?? near.move;
  const { state, step } = near.move;
  if (state !== "aborting" || !canAbort(step)) return true;
  try {
    await undoSource(near);
    return true;
  } catch (error) {
    await settle(near, error, 0);
    return false;
  }
}

/** How long a destination is waited for whose move is being aborted, in milliseconds: it may only be restarting. */
const GONE_AFTER = 30_000;
const NO_SCHEMA = 1049;

/** Whether a server is not there, or nothing of a shard on it, or nobody knows its address any more. */
function isGone(error: unknown): boolean {
  return error instanceof MoveError ||
    (error instanceof DatabaseError && (error.kind === "unreachable" || error.errno === NO_SCHEMA));
}

/**
 * Ends an abort whose destination does not come back: it owns none of the slots, and they are marked as arriving there, so
 * that its rows stay hidden, and the next move to it deletes them first.
 * @returns undefined where it is to be waited for. Throws DatabaseError.
 */
async function endWithout({ metadata, move, run }: NearContext): Promise<MoveEnd | undefined> {
  if (move.state !== "aborting" || !canAbort(move.step) || move.age < GONE_AFTER) return undefined;
  const reason = `${move.reason?.slice(0, 300) ?? "abort was ordered"}; "${move.to}" was not reached: ` +
    "rows that were copied may be left there, hidden until the next move to it deletes them";
  if (!await changeMove(metadata, move, { state: "aborted", ended: true, reason })) return undefined;
  run.tell({ kind: "end", id: move.id, state: "aborted", reason });
  return "aborted";
}

function endOf({ state }: JournalMove): MoveEnd | undefined {
  return state === "done" || state === "aborted" || state === "paused" ? state : undefined;
}

async function runSteps(context: MoveContext): Promise<MoveEnd> {
  const { run, metadata } = context;
  let failures = 0;
  for (;;) {
    // Read again under the claim: another process may have brought it further.
    const move = await findMove(metadata, context.move.id);
    if (move === undefined) throw new MoveError(`the journal of move ${context.move.id} is gone`);
    context.move = move;
    const end = endOf(move);
    if (end !== undefined) {
      if (end === "paused" && move.step === "freeze") await thaw(context);
      run.tell({
        kind: "end",
        id: move.id,
        state: move.state,
        ...move.reason !== undefined && { reason: move.reason },
      });
      return end;
    }
    if (run.signal.aborted) return "stopped";
    try {
      if (move.state === "aborting") await abort(context);
      else await advance(context);
      failures = 0;
    } catch (error) {
      await settle(context, error, failures++);
    }
  }
}

async function abort(context: MoveContext): Promise<void> {
  const { metadata, move } = context;
  if (!canAbort(move.step)) throw new OwnershipError(`move ${move.id} only goes forward`);
  const checkpoint = new Checkpoint(context);
  await undoSource(context);
  await undoDestination(context, () => checkpoint.pass());
  await changeMove(metadata, move, { state: "aborted", ended: true });
}

/** The longest time until a statement is tried again that waited for others in vain, in milliseconds. */
const LONGEST_REST = 20_000;

/** Errors that end by themselves: locks, deadlocks, statements that were ended. */
const PASSING: ReadonlySet<number> = new Set([1205, 1213, 1317, 1969, 3024]);

/**
 * What becomes of the move after an error: it goes on, is tried again, undone, or rests until somebody looks at it.
 * @param before How many errors there were in a row before this one.
 */
async function settle(context: NearContext, error: unknown, before: number): Promise<void> {
  const { metadata, move, run } = context;
  if (error instanceof OrderError) return;
  if (error instanceof DatabaseError && error.kind !== "statement" && error.kind !== "denied") throw error;
  if (error instanceof DatabaseError && PASSING.has(error.errno)) {
    run.tell({ kind: "waiting", id: move.id, reason: error.withAdvice });
    // Who waits for the lock of a table lets all others wait behind it: not again and again.
    await run.clock.sleep(Math.min(FIRST_WAIT * 2 ** (before + 1), LONGEST_REST), run.signal);
    return;
  }
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof GiveUpError && canAbort(move.step) && move.state === "running") {
    await changeMove(metadata, move, { state: "aborting", reason });
    return;
  }
  // Whatever it is: nothing more is done before somebody has looked at it.
  await changeMove(metadata, move, { state: "paused", reason });
}
