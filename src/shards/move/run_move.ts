import { DatabaseError } from "../../connection/mod.ts";
import { quoted } from "../../text/nearest.ts";
import { Checkpoint } from "./checkpoint.ts";
import { OwnershipError, undo } from "./clean.ts";
import { GiveUpError, type MoveContext, OrderError } from "./context.ts";
import { canAbort, type GroupAccess, type MoveEnd, MoveError, type MoveRun } from "./contract.ts";
import { openSession, withMetadata } from "./group.ts";
import { changeMove, findMove, type JournalMove } from "./journal.ts";
import { dryRun } from "./requests.ts";
import { ClaimedError, type Session } from "./session.ts";
import { advance } from "./steps.ts";
import { readTables } from "./table.ts";

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
      return await runOnce(group, id, run);
    } catch (error) {
      if (error instanceof ClaimedError) {
        throw new MoveError(`${error.message}: move ${quoted(id)} is not run here`);
      }
      if (!(error instanceof DatabaseError)) throw error;
      run.tell({ kind: "waiting", id, reason: error.withAdvice });
      if (run.clock.now() - began > LONGEST_WAIT) wait = FIRST_WAIT;
      await run.clock.sleep(wait, run.signal);
      wait = Math.min(2 * wait, LONGEST_WAIT);
    }
  }
}

/** Runs it as long as the servers are there. Throws DatabaseError where one is not. */
async function runOnce(group: GroupAccess, id: string, run: MoveRun): Promise<MoveEnd> {
  const move = await withMetadata(group, (metadata) => findMove(metadata, id));
  if (move === undefined) throw new MoveError(`there is no such move: ${quoted(id)}`);
  const end = endOf(move);
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
    const destination = await open(move.to, "destination");
    const aside = await open(move.from);
    const tables = await readTables(source, group.sharding, "sharded");
    const context: MoveContext = {
      ...{ sharding: group.sharding, run, metadata, source, destination, aside, tables, move },
      slots: move.slots.join(),
      touched: undefined,
      samples: new Map(),
    };
    return await runSteps(context);
  } finally {
    await Promise.all(opened.map((session) => session.close()));
  }
}

function endOf({ state }: JournalMove): MoveEnd | undefined {
  return state === "done" || state === "aborted" || state === "paused" ? state : undefined;
}

async function runSteps(context: MoveContext): Promise<MoveEnd> {
  const { run, metadata } = context;
  for (;;) {
    // Read again under the claim: another process may have brought it further.
    const move = await findMove(metadata, context.move.id);
    if (move === undefined) throw new MoveError(`the journal of move ${context.move.id} is gone`);
    context.move = move;
    const end = endOf(move);
    if (end !== undefined) {
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
    } catch (error) {
      await settle(context, error);
    }
  }
}

async function abort(context: MoveContext): Promise<void> {
  const { metadata, move } = context;
  if (!canAbort(move.step)) throw new OwnershipError(`move ${move.id} only goes forward`);
  const checkpoint = new Checkpoint(context);
  await undo(context, () => checkpoint.pass());
  await changeMove(metadata, move, { state: "aborted", ended: true });
}

/** Errors that end by themselves: locks, deadlocks, statements that were ended. */
const PASSING: ReadonlySet<number> = new Set([1205, 1213, 1317, 1969, 3024]);

/** What becomes of the move after an error: it goes on, is tried again, undone, or rests until somebody looks at it. */
async function settle(context: MoveContext, error: unknown): Promise<void> {
  const { metadata, move, run } = context;
  if (error instanceof OrderError) return;
  if (error instanceof DatabaseError && error.kind !== "statement" && error.kind !== "denied") throw error;
  if (error instanceof DatabaseError && PASSING.has(error.errno)) {
    run.tell({ kind: "waiting", id: move.id, reason: error.withAdvice });
    await run.clock.sleep(2 * FIRST_WAIT, run.signal);
    return;
  }
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof GiveUpError && canAbort(move.step) && move.state === "running") {
    await changeMove(metadata, move, { state: "aborting", reason });
    return;
  }
  const isKnown = error instanceof DatabaseError || error instanceof GiveUpError ||
    error instanceof MoveError ||
    error instanceof OwnershipError;
  if (!isKnown) throw error;
  await changeMove(metadata, move, { state: "paused", reason });
}
