import { quoted } from "../../text/nearest.ts";
import { canAbort, MOVE_STEPS, type MoveState, type MoveStatus, type MoveStep } from "./contract.ts";
import { slotsOfText, slotsText } from "./ranges.ts";
import { type Session, textLiteral, type TextRow } from "./session.ts";

/** A move as it is run: its journal with what only a run needs. */
export interface JournalMove extends MoveStatus {
  /** The epochs of both shards before it. */
  readonly sourceEpoch: bigint;
  readonly destinationEpoch: bigint;
  /** How far rows were copied: its own text; undefined at the begin. */
  readonly place: string | undefined;
  /** By which a change of the tables is noticed; undefined before they are prepared. */
  readonly print: string | undefined;
  /** How long ago its step or its state changed, by the clock of the metadata server, in milliseconds. */
  readonly age: number;
}

const COLUMNS =
  "CAST(id AS CHAR) AS id, source, destination, slots, cause, step, state, reason, place, print, " +
  "CAST(rows_copied AS CHAR) AS rows_copied, CAST(source_epoch AS CHAR) AS source_epoch, " +
  "CAST(destination_epoch AS CHAR) AS destination_epoch, CAST(frozen_ms AS CHAR) AS frozen_ms, " +
  "DATE_FORMAT(began, '%Y-%m-%dT%H:%i:%s.%f') AS began, DATE_FORMAT(changed, '%Y-%m-%dT%H:%i:%s.%f') AS changed, " +
  "CAST(TIMESTAMPDIFF(MICROSECOND, changed, UTC_TIMESTAMP(3)) AS CHAR) AS age";

/** Which moves are read. */
export interface MoveFilter {
  /** Only the one that is under way. */
  readonly active?: true;
  /** Only those whose cause begins so: a text without wildcards of LIKE. */
  readonly cause?: string;
  /** So many of the last ones; omitted: all. */
  readonly limit?: number;
}

/** Moves, the first one first. Throws DatabaseError. */
export async function listMoves(
  metadata: Session,
  { active, cause, limit }: MoveFilter = {},
): Promise<readonly JournalMove[]> {
  const conditions = [
    ...active === undefined ? [] : ["active = 1"],
    ...cause === undefined ? [] : [`cause LIKE ${textLiteral(`${cause}%`)}`],
  ];
  const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")} `;
  const last = limit === undefined ? "" : ` LIMIT ${Math.max(0, Math.trunc(limit))}`;
  const rows = await metadata.rows(
    `SELECT ${COLUMNS} FROM qs_move ${where}ORDER BY qs_move.id DESC${last}`,
  );
  return rows.toReversed().map(moveOf);
}

/** One move; undefined where there is none of this id. Throws DatabaseError. */
export async function findMove(metadata: Session, id: string): Promise<JournalMove | undefined> {
  if (!isId(id)) return undefined;
  const [row] = await metadata.rows(`SELECT ${COLUMNS} FROM qs_move WHERE qs_move.id = ${id}`);
  return row && moveOf(row);
}

/**
 * The move that is under way. Throws DatabaseError.
 * @param options.held Whether it stays so until the end of the transaction: nobody can add one meanwhile.
 */
export async function activeMove(
  metadata: Session,
  { held = false }: { readonly held?: boolean } = {},
): Promise<JournalMove | undefined> {
  const lock = held ? " FOR UPDATE" : "";
  const [row] = await metadata.rows(`SELECT ${COLUMNS} FROM qs_move WHERE active = 1${lock}`);
  return row && moveOf(row);
}

/** What is known of a move before it is in the journal. */
export interface NewMove {
  readonly from: string;
  readonly to: string;
  readonly slots: readonly number[];
  readonly cause: string;
  readonly sourceEpoch: string;
  readonly destinationEpoch: string;
}

/** As much of a cause as the journal keeps. */
export function keptCause(cause: string): string {
  return cause.slice(0, 200);
}

/** Writes a move into the journal. Throws DatabaseError: 1062 where another one is under way. */
export async function addMove(metadata: Session, move: NewMove): Promise<string> {
  const { from, to, slots, cause, sourceEpoch, destinationEpoch } = move;
  const values = [
    ...[
      "1",
      textLiteral(from),
      textLiteral(to),
      textLiteral(slotsText(slots)),
      textLiteral(keptCause(cause)),
    ],
    ...[
      "'requested'",
      "'running'",
      "0",
      sourceEpoch,
      destinationEpoch,
      "UTC_TIMESTAMP(3)",
      "UTC_TIMESTAMP(3)",
    ],
  ];
  await metadata.run(
    "INSERT INTO qs_move (active, source, destination, slots, cause, step, state, rows_copied, source_epoch, " +
      `destination_epoch, began, changed) VALUES (${values.join(", ")})`,
  );
  return String(await metadata.value("SELECT CAST(LAST_INSERT_ID() AS CHAR) AS id"));
}

/** What changes in a journal: only what is named. */
export interface JournalChange {
  readonly step?: MoveStep;
  readonly state?: MoveState;
  /** null: none any more. */
  readonly reason?: string | null;
  readonly rows?: number;
  readonly place?: string | null;
  readonly print?: string;
  readonly frozenMs?: number;
  /** It is under way no more. */
  readonly ended?: true;
}

/**
 * Changes the journal of a move, if its step and its state are what the caller believes.
 * @returns Whether they are. Throws DatabaseError.
 */
export async function changeMove(
  metadata: Session,
  { id, step, state }: Pick<MoveStatus, "id"> & { readonly step: MoveStep; readonly state: MoveState },
  change: JournalChange,
): Promise<boolean> {
  const isNew = change.step !== undefined || change.state !== undefined;
  const nullable = (text: string | null) => text === null ? "NULL" : textLiteral(text);
  const sets = [
    ...change.step === undefined ? [] : [`step = '${change.step}'`],
    ...change.state === undefined ? [] : [`state = '${change.state}'`],
    ...change.reason === undefined
      ? []
      : [`reason = ${nullable(change.reason && change.reason.slice(0, 500))}`],
    ...change.rows === undefined ? [] : [`rows_copied = rows_copied + ${change.rows}`],
    ...change.place === undefined ? [] : [`place = ${nullable(change.place)}`],
    ...change.print === undefined ? [] : [`print = '${change.print}'`],
    ...change.frozenMs === undefined ? [] : [`frozen_ms = ${Math.ceil(change.frozenMs)}`],
    ...change.ended === undefined ? [] : ["active = NULL"],
    ...isNew ? ["changed = UTC_TIMESTAMP(3)"] : [],
  ];
  const where = `id = ${id} AND step = '${step}' AND state = '${state}'`;
  // The driver asks for rows that were found, changed or not.
  return await metadata.run(`UPDATE qs_move SET ${sets.join(", ")} WHERE ${where}`) > 0;
}

/** Whether a text is the id of a move. */
export function isId(id: string): boolean {
  return /^[1-9]\d{0,18}$/.test(id);
}

function moveOf(row: TextRow): JournalMove {
  const text = (name: string) => row[name]!;
  const slots = slotsOfText(text("slots"));
  const step = MOVE_STEPS.find((step) => step === row["step"]);
  if (slots === undefined || step === undefined) {
    throw new TypeError(`the journal of move ${quoted(text("id"))} cannot be read`);
  }
  return {
    id: text("id"),
    from: text("source"),
    to: text("destination"),
    slots,
    step,
    state: text("state") as MoveState,
    rows_copied: Number(row["rows_copied"]),
    began: timeOf(text("began")),
    changed: timeOf(text("changed")),
    cause: text("cause"),
    ...row["reason"] !== null && { reason: text("reason") },
    ...row["frozen_ms"] !== null && { frozen_ms: Number(row["frozen_ms"]) },
    sourceEpoch: BigInt(text("source_epoch")),
    destinationEpoch: BigInt(text("destination_epoch")),
    place: row["place"] ?? undefined,
    print: row["print"] ?? undefined,
    age: Number(row["age"]) / 1000,
  };
}

function timeOf(text: string): string {
  return `${text.slice(0, 23)}Z`;
}

/** A move for those who ask. */
export function statusOf(move: JournalMove): MoveStatus {
  const { sourceEpoch: _s, destinationEpoch: _d, place: _place, print: _print, age: _age, ...status } = move;
  return status;
}

/** The order that a state allows; a text says why not. */
export function orderedState(
  { id, step, state }: MoveStatus,
  order: "pause" | "resume" | "abort",
): MoveState | string {
  if (state === "done" || state === "aborted") return `move ${id} has ended: it is ${state}`;
  if (state === "aborting") return order === "abort" ? state : `move ${id} is being aborted`;
  if (order === "pause") return "paused";
  if (order === "resume") return "running";
  return canAbort(step) ? "aborting" : `move ${id} only goes forward: its step is ${step}`;
}
