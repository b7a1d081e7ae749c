import { drainAll } from "./catch_up.ts";
import { Checkpoint } from "./checkpoint.ts";
import { cleanSource } from "./clean.ts";
import { compareTables, compareTouched } from "./compare.ts";
import { GiveUpError, type MoveContext, OrderError, OwnershipError } from "./context.ts";
import type { MoveStep } from "./contract.ts";
import { type CopyPlace, copyTables } from "./copy.ts";
import { altered, changeMap, freeze, handOver, thaw } from "./flip.ts";
import { changeMove } from "./journal.ts";
import { checkAlike, prepareMove } from "./prepare.ts";
import { printOf } from "./print.ts";
import { readRows, replaceSql } from "./rows.ts";
import type { Session } from "./session.ts";
import { amongSql } from "./table.ts";

/** Does what the step of a move says, and goes to the next one. Each may be done again from its begin. */
export async function advance(context: MoveContext): Promise<void> {
  const { move: { step } } = context;
  if (BEFORE_FLIP.has(step)) await checkOwnership(context);
  await STEPS[step](context);
}

/** Steps that write rows of the source over those at the destination, or are about to. */
const BEFORE_FLIP: ReadonlySet<MoveStep> = new Set(["prepare", "copy", "catch-up", "verify", "freeze"]);

/**
 * The slots have to be the source's still. By a journal that is older than the shards, as one that was restored from a
 * backup, old rows would be written over newer ones. Throws OwnershipError.
 */
async function checkOwnership({ source, destination, move, slots }: MoveContext): Promise<void> {
  const count = async (session: Session, where: string) =>
    Number(await session.value(`SELECT COUNT(*) AS n FROM qs_slots WHERE slot IN (${slots}) AND ${where}`));
  const own = await count(source, "state IN ('owned', 'frozen')");
  const others = await count(destination, "state <> 'arriving'");
  const arriving = move.step === "prepare"
    ? move.slots.length
    : await count(destination, "state = 'arriving'");
  if (own === move.slots.length && others === 0 && arriving === own) return;
  throw new OwnershipError(
    `of the ${move.slots.length} slots "${move.from}" has ${own}, "${move.to}" owns ${others} and awaits ` +
      `${arriving}: the journal of the move is not of the same time as the shards, and nothing is copied`,
  );
}

type Step = (context: MoveContext) => Promise<void>;

const STEPS: Readonly<Record<MoveStep, Step>> = {
  requested: (context) => go(context, "prepare"),
  async prepare(context) {
    const checkpoint = new Checkpoint(context);
    await checkpoint.pass();
    await prepareMove(context, () => checkpoint.pass());
    await go(context, "copy");
  },
  copy,
  "catch-up": catchUp,
  verify,
  freeze: freezeAndFlip,
  flip,
  "keep-old": keepOld,
  async clean(context) {
    const checkpoint = new Checkpoint(context);
    await cleanSource(context, () => checkpoint.pass());
    await go(context, "done");
  },
  done: () => Promise.resolve(),
};

/** Throws OrderError where something else was ordered. */
async function go(context: MoveContext, step: MoveStep, frozenMs?: number): Promise<void> {
  const { metadata, move, run } = context;
  const isDone = step === "done";
  const isChanged = await changeMove(metadata, move, {
    step,
    ...isDone && { state: "done" as const, ended: true as const },
    ...frozenMs !== undefined && { frozenMs },
    reason: null,
  });
  if (!isChanged) throw new OrderError();
  run.tell({ kind: "step", id: move.id, step });
}

async function copy(context: MoveContext): Promise<void> {
  const { move } = context;
  const from = move.place === undefined ? undefined : JSON.parse(move.place) as CopyPlace;
  const checkpoint = new Checkpoint(context);
  await checkPrint(context);
  await copyTables(context, from, (place, rows) => checkpoint.pass({ rows, place: JSON.stringify(place) }));
  await checkpoint.write();
  await go(context, "catch-up");
}

/** Fewer entries than this are left to the freeze. */
const FEW = 50;
/** How often the log is read until it is as short as it will be. */
const ROUNDS = 20;

async function catchUp(context: MoveContext): Promise<void> {
  const checkpoint = new Checkpoint(context);
  for (let round = 0; round < ROUNDS; round++) {
    const count = await drainAll(context, 10);
    await checkpoint.pass();
    if (count <= FEW) break;
  }
  await go(context, "verify");
}

/** How often rows that differ are copied again: they may be from before a crash. */
const REPAIRS = 3;

async function verify(context: MoveContext): Promise<void> {
  const checkpoint = new Checkpoint(context);
  await checkPrint(context);
  await checkAlike(context);
  for (let repair = 0;; repair++) {
    const { differing, stranger } = await compareTables(context, () => checkpoint.pass());
    if (stranger !== undefined) {
      throw new GiveUpError(
        `"${stranger.shard}" has rows of slots that it does not own in "${stranger.table}": see shards verify`,
      );
    }
    if (differing.length === 0) break;
    if (repair === REPAIRS) {
      throw new GiveUpError(`rows of "${differing[0]!.table.name}" are not the same after a copy`);
    }
    for (const { table, keys } of differing) {
      for (let at = 0; at < keys.length; at += 500) {
        const rows = await readRows(
          context.source,
          table,
          `${amongSql(table, keys.slice(at, at + 500))} AND ${table.slot} IN (${context.slots})`,
        );
        for (const sql of replaceSql(table, rows)) await context.destination.run(sql);
      }
    }
  }
  await settleTouched(context, checkpoint);
  await go(context, "freeze");
}

/** Brings and compares what changed since, until little is left for the freeze. */
async function settleTouched(context: MoveContext, checkpoint: Checkpoint): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    await drainAll(context, 10);
    const left = await compareTouched(context);
    await checkpoint.pass();
    if (left <= FEW) return;
  }
}

async function checkPrint({ source, tables, sharding, move }: MoveContext): Promise<void> {
  if (await printOf(source, tables, sharding) !== move.print) throw altered();
}

/** How long to let writers go on after a freeze that took too long, in milliseconds: first, and at most. */
const [FIRST_PAUSE, LONGEST_PAUSE] = [100, 5000] as const;

async function freezeAndFlip(context: MoveContext): Promise<void> {
  const { run: { clock, signal, tell }, move } = context;
  // A process may have died with the slots frozen.
  await thaw(context);
  if (context.touched === undefined) return await go(context, "verify");
  const checkpoint = new Checkpoint(context);
  for (let pause: number = FIRST_PAUSE;; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    await checkpoint.pass();
    await settleTouched(context, checkpoint);
    const began = clock.now();
    const failed = await freeze(context);
    if (failed === undefined) {
      await flipNow(context, began);
      return;
    }
    tell({ kind: "waiting", id: move.id, reason: failed.reason });
    await clock.sleep(pause, signal);
  }
}

/** Nobody can write to the slots now: either all of it is done, or they are given back. */
async function flipNow(context: MoveContext, began: number): Promise<void> {
  const { run: { clock, tell }, move, metadata } = context;
  try {
    await changeMap(context);
  } catch (error) {
    // Whether it was done is not known where the connection ended: the journal tells.
    if (metadata.connection.lost === undefined) await thaw(context);
    throw error;
  }
  tell({ kind: "step", id: move.id, step: "flip" });
  context.move = { ...move, step: "flip" };
  let ended = began;
  await handOver(context, () => ended = clock.now());
  await go(context, "keep-old", ended - began);
}

async function flip(context: MoveContext): Promise<void> {
  await handOver(context);
  await go(context, "keep-old");
}

/** How often it is looked whether the time is over, in milliseconds. */
const KEEP_EVERY = 1000;

async function keepOld(context: MoveContext): Promise<void> {
  const { run: { clock, signal }, sharding: { move: { keepOld } } } = context;
  const checkpoint = new Checkpoint(context, { rests: false });
  const until = clock.now() + Math.max(0, keepOld - context.move.age);
  while (clock.now() < until) {
    await clock.sleep(Math.min(KEEP_EVERY, until - clock.now()), signal);
    await checkpoint.pass();
  }
  await go(context, "clean");
}
