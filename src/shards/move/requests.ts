import { DatabaseError } from "../../connection/mod.ts";
import { quoted } from "../../text/nearest.ts";
import { readFacts } from "../check/facts.ts";
import { differencesOf, type Finding, findingsOf } from "../check/findings.ts";
import { SLOT_COUNT } from "../slots/key.ts";
import { MOVE_TABLE } from "../slots/tables.ts";
import { MEMBER_TABLE } from "../members/tables.ts";
import { type GroupAccess, MoveError, type MoveRequest, type MoveStatus } from "./contract.ts";
import { withMetadata, withSession } from "./group.ts";
import {
  activeMove,
  addMove,
  changeMove,
  findMove,
  isId,
  type JournalMove,
  keptCause,
  listMoves,
  type MoveFilter,
  orderedState,
  statusOf,
} from "./journal.ts";
import { slotsText } from "./ranges.ts";
import { readStanding } from "./standing.ts";
import { thawPaused } from "./thaw_paused.ts";
import { type Session, textLiteral } from "./session.ts";

const NO_TABLE = 1146;
const DUPLICATE = 1062;

/**
 * Writes a move into the journal, once both shards were looked at. The same request again, of the same cause, while it is
 * under way, gives the same move.
 * @param options.check Asked within the transaction that writes it; where it throws, nothing is written.
 * @returns Its id.
 * @throws {MoveError} Where it is not possible: nothing was changed.
 * @throws {DatabaseError}
 */
export async function requestMove(
  group: GroupAccess,
  request: MoveRequest,
  { check }: { readonly check?: (metadata: Session) => Promise<void> } = {},
): Promise<string> {
  checkRequest(group, request);
  return await withMetadata(group, async (metadata) => {
    await makeJournal(metadata);
    const before = await activeMove(metadata);
    if (before !== undefined) return sameMove(before, request);
    const epochs = await checkShards(group, request, metadata);
    try {
      return await metadata.transaction(async () => {
        const id = await addMove(metadata, { ...request, ...epochs });
        await refuseLeaving(metadata, request.to);
        await check?.(metadata);
        return id;
      });
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.errno !== DUPLICATE) throw error;
      const now = await activeMove(metadata);
      if (now === undefined) throw error;
      return sameMove(now, request);
    }
  });
}

/**
 * Makes the tables that a move is written to and judged by, where they are not there yet: making one that is there waits on
 * MariaDB for whoever uses it. Throws DatabaseError.
 */
export async function makeJournal(metadata: Session): Promise<void> {
  const rows = await metadata.rows(
    "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() " +
      "AND TABLE_NAME IN ('qs_move', 'qs_member')",
  );
  const there = new Set(rows.map(({ name }) => name));
  if (!there.has("qs_move")) await metadata.run(MOVE_TABLE);
  if (!there.has("qs_member")) await metadata.run(MEMBER_TABLE);
}

/**
 * Refuses a server that leaves the group: it may be given back at any moment. Asked once the move is in the journal, in one
 * transaction: whoever gives a server back looks for moves in the transaction that marks it, so one of both sees the other.
 */
async function refuseLeaving(metadata: Session, shard: string): Promise<void> {
  const [row] = await metadata.rows(
    `SELECT state, source FROM qs_member WHERE shard = ${textLiteral(shard)} FOR UPDATE`,
  );
  if (row === undefined) return;
  const { state, source } = row;
  const isMade = source === "http" || source === "exec";
  if (state !== "drained" && state !== "released" && !(state === "failed" && isMade)) return;
  throw new MoveError(
    `"${shard}" gets no slots: it is ${state}, and no shard any more`,
    `shards add ${shard} takes it into the group again`,
  );
}

/** All moves that ever were, or some of them, the first one first. Throws DatabaseError. */
export async function readMoves(group: GroupAccess, filter?: MoveFilter): Promise<readonly MoveStatus[]> {
  return await withMetadata(group, (metadata) => movesIn(metadata, filter));
}

/** Moves, the first one first; none before the first was asked for. Throws DatabaseError. */
export async function movesIn(metadata: Session, filter?: MoveFilter): Promise<readonly MoveStatus[]> {
  try {
    return (await listMoves(metadata, filter)).map(statusOf);
  } catch (error) {
    if (error instanceof DatabaseError && error.errno === NO_TABLE) return [];
    throw error;
  }
}

/**
 * Orders something of a move: the process that runs it obeys, or the one that runs it next.
 * @throws {MoveError} Where that is not possible.
 * @throws {DatabaseError}
 */
export async function orderMove(
  group: GroupAccess,
  id: string,
  order: "pause" | "resume" | "abort",
): Promise<void> {
  if (group.sharding.mode === "dry-run") throw dryRun();
  const step = await withMetadata(group, (metadata) =>
    metadata.transaction(async () => {
      const move = isId(id) ? await findMove(metadata, id) : undefined;
      if (move === undefined) throw new MoveError(`there is no such move: ${quoted(id)}`);
      const state = orderedState(move, order);
      if (state === move.state) return move.step;
      if (!STATES.has(state)) throw new MoveError(state);
      const reason = order === "resume" ? null : `${order} was ordered`;
      const changed = await changeMove(metadata, move, { state: state as JournalMove["state"], reason });
      if (!changed) throw new MoveError(`move ${id} changed meanwhile: order it again`);
      return move.step;
    }));
  if (order === "pause" && step === "freeze") await thawPaused(group, id);
}

const STATES: ReadonlySet<string> = new Set(["running", "paused", "aborting"]);

/** Whether the map knows a shard, as one that slots can be moved to. Throws DatabaseError. */
export async function isPrepared(group: GroupAccess, name: string): Promise<boolean> {
  return await withMetadata(group, async (metadata) => {
    const rows = await metadata.rows(`SELECT 1 AS there FROM qs_serving WHERE shard = ${textLiteral(name)}`);
    return rows.length > 0;
  });
}

/** Why nothing is written. */
export function dryRun(): MoveError {
  return new MoveError("nothing was written: sharding.mode is dry-run", "set sharding.mode to enforce");
}

function checkRequest({ sharding }: GroupAccess, { from, to, slots }: MoveRequest): void {
  if (sharding.mode === "dry-run") throw dryRun();
  checkSlots({ from, to, slots });
}

/** Refuses what no group could do. @throws {MoveError} */
export function checkSlots({ from, to, slots }: Pick<MoveRequest, "from" | "to" | "slots">): void {
  if (from === to) throw new MoveError(`both shards are the same: ${quoted(from)}`);
  if (slots.length === 0) throw new MoveError("no slot is named");
  if (new Set(slots).size < slots.length) throw new MoveError("a slot is named twice");
  const strange = slots.find((slot) => !Number.isInteger(slot) || slot < 0 || slot >= SLOT_COUNT);
  if (strange !== undefined) {
    throw new MoveError(`there is no such slot: they are 0 to ${SLOT_COUNT - 1}: ${strange}`);
  }
}

function sameMove(move: JournalMove, { from, to, slots, cause }: MoveRequest): string {
  // Two may want the same, and each has to know what it ordered itself.
  const isSame = move.from === from && move.to === to && slotsText(move.slots) === slotsText(slots) &&
    move.cause === keptCause(cause);
  if (isSame && move.state !== "aborting") return move.id;
  throw new MoveError(
    `another move is under way: ${move.id}, from ${move.from} to ${move.to}: its step is ${move.step}`,
    `wait until it is done, or abort it: shards abort ${move.id}`,
    "conflict",
  );
}

/**
 * Whether both shards are what the map says, and alike; their epochs.
 * @throws {MoveError}
 * @throws {DatabaseError}
 */
export async function checkShards(
  group: GroupAccess,
  { from, to, slots }: Pick<MoveRequest, "from" | "to" | "slots">,
  metadata: Session,
): Promise<{ readonly sourceEpoch: string; readonly destinationEpoch: string }> {
  const serving = await metadata.rows("SELECT shard, CAST(epoch AS CHAR) AS epoch FROM qs_serving");
  const epochOf = (name: string) => serving.find(({ shard }) => shard === name)?.["epoch"];
  const mapped = new Map(
    (await metadata.rows("SELECT slot, shard FROM qs_map")).map(({ slot, shard }) => [Number(slot), shard]),
  );
  const stranger = slots.find((slot) => mapped.get(slot) !== from);
  if (stranger !== undefined) {
    throw new MoveError(
      `"${from}" does not own slot ${stranger}: it is ${mapped.get(stranger) ?? "nobody"}'s`,
    );
  }
  const { sharding } = group;
  const read = (name: string) =>
    withSession(group, name, async (session) => ({
      standing: await readStanding(session),
      facts: await readFacts(session.connection, sharding),
    }));
  const source = await read(from);
  const destination = await read(to).catch((error) => {
    if (error instanceof DatabaseError && error.errno === NO_SCHEMA) throw unprepared(to);
    throw error;
  });
  const [sourceEpoch, destinationEpoch] = [epochOf(from), epochOf(to)];
  if (destination.standing === undefined || destinationEpoch === undefined) throw unprepared(to);
  for (
    const [name, { standing }, epoch] of [[from, source, sourceEpoch], [
      to,
      destination,
      destinationEpoch,
    ]] as const
  ) {
    if (standing?.name !== name || standing.epoch !== epoch) {
      throw new MoveError(
        `"${name}" is not what the map says: it calls itself ${
          quoted(standing?.name ?? "nothing")
        }, at epoch ` +
          `${standing?.epoch ?? "none"}, and in the map ${epoch ?? "none"}`,
        "see `shards check`",
      );
    }
  }
  const missing = slots.find((slot) => source.standing!.states.get(slot) !== "owned");
  if (missing !== undefined) {
    throw new MoveError(`"${from}" does not own slot ${missing} itself`, "see `shards check`");
  }
  // What was left there as arriving is deleted first: no other move is under way.
  const there = slots.find((slot) => (destination.standing!.states.get(slot) ?? "arriving") !== "arriving");
  if (there !== undefined) throw new MoveError(`"${to}" has slot ${there} already`, "see `shards check`");
  refuse(from, findingsOf(source.facts, sharding));
  refuse(to, [
    ...findingsOf(destination.facts, sharding),
    ...differencesOf(destination.facts, source.facts, sharding),
  ]);
  return { sourceEpoch: sourceEpoch!, destinationEpoch: destinationEpoch! };
}

const NO_SCHEMA = 1049;

function unprepared(name: string): MoveError {
  return new MoveError(
    `"${name}" is not prepared to be a shard`,
    "shards move prepares it, or the coordinator",
  );
}

function refuse(name: string, [finding]: readonly Finding[]): void {
  if (finding !== undefined) throw new MoveError(`${name}: ${finding.problem}`, finding.help);
}
