import { DatabaseError } from "../../connection/mod.ts";
import { slotsOfText, slotsText } from "../move/mod.ts";
import type { Session } from "../move/session.ts";
import { textLiteral, type TextRow } from "../move/session.ts";
import { quoted } from "../../text/nearest.ts";
import {
  type Change,
  CHANGE_ACTIONS,
  CHANGE_STEPS,
  ChangeError,
  type ChangeRequest,
  type ChangeStep,
} from "./change.ts";
import type { SlotTransfer } from "./slot_choice.ts";

/** The journal of changes: a row each. `active` is 1 while one is under way, which no second one can be meanwhile. */
export const DECISION_TABLE =
  "CREATE TABLE IF NOT EXISTS qs_decision (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, " +
  "active TINYINT UNSIGNED NULL UNIQUE, action VARCHAR(20) CHARACTER SET ascii NOT NULL, policy VARCHAR(200) CHARACTER SET utf8mb4 NULL, " +
  "named TINYINT UNSIGNED NOT NULL, source VARCHAR(64) CHARACTER SET ascii NULL, shard VARCHAR(64) CHARACTER SET ascii NULL, " +
  "cause VARCHAR(150) CHARACTER SET utf8mb4 NOT NULL, step VARCHAR(20) CHARACTER SET ascii NOT NULL, " +
  "outcome VARCHAR(20) CHARACTER SET ascii NULL, reason VARCHAR(1000) CHARACTER SET utf8mb4 NULL, " +
  "transfers MEDIUMTEXT CHARACTER SET ascii NULL, began DATETIME(3) NOT NULL, changed DATETIME(3) NOT NULL) ENGINE = InnoDB";

const COLUMNS =
  "CAST(id AS CHAR) AS id, CAST(named AS CHAR) AS named, action, policy, source, shard, cause, step, outcome, reason, transfers, " +
  "DATE_FORMAT(began, '%Y-%m-%dT%H:%i:%s.%f') AS began, DATE_FORMAT(changed, '%Y-%m-%dT%H:%i:%s.%f') AS changed";

const [NO_TABLE, DUPLICATE] = [1146, 1062];

/** The change that is under way. Throws DatabaseError. */
export async function activeChange(metadata: Session): Promise<Change | undefined> {
  const [row] = await rowsOf(metadata, `SELECT ${COLUMNS} FROM qs_decision WHERE active = 1`);
  return row && changeOf(row);
}

/**
 * One change; undefined where there is none of this id. Throws DatabaseError.
 * @param options.held Whether it stays as it is until the end of the transaction.
 */
export async function findChange(
  metadata: Session,
  id: string,
  { held = false }: { readonly held?: boolean } = {},
): Promise<Change | undefined> {
  const lock = held ? " FOR UPDATE" : "";
  const [row] = await rowsOf(metadata, `SELECT ${COLUMNS} FROM qs_decision WHERE id = ${id}${lock}`);
  return row && changeOf(row);
}

/** How the causes of the moves of a change begin; behind it stands the number of the move. */
export function markOf(id: string): string {
  return `change ${id}.`;
}

/** The last changes, the newest first. Throws DatabaseError. */
export async function lastChanges(metadata: Session, count: number): Promise<readonly Change[]> {
  const sql = `SELECT ${COLUMNS} FROM qs_decision ORDER BY qs_decision.id DESC LIMIT ${count}`;
  return (await rowsOf(metadata, sql)).map(changeOf);
}

async function rowsOf(metadata: Session, sql: string): Promise<readonly TextRow[]> {
  try {
    return await metadata.rows(sql);
  } catch (error) {
    if (error instanceof DatabaseError && error.errno === NO_TABLE) return [];
    throw error;
  }
}

/**
 * Writes a change into the journal.
 * @throws {ChangeError} `conflict`: another one is under way.
 * @throws {DatabaseError}
 */
export async function addChange(metadata: Session, request: ChangeRequest): Promise<Change> {
  const { action, source, shard, policy, cause } = request;
  const nullable = (text: string | undefined) => text === undefined ? "NULL" : textLiteral(text);
  const now = "UTC_TIMESTAMP(3)";
  const values = [
    ...[
      "1",
      shard === undefined ? "0" : "1",
      textLiteral(action),
      nullable(policy),
      nullable(source),
      nullable(shard),
      textLiteral(cause.slice(0, 150)),
    ],
    ...["'decided'", now, now],
  ];
  await metadata.run(DECISION_TABLE);
  try {
    await metadata.run(
      `INSERT INTO qs_decision (active, named, action, policy, source, shard, cause, step, began, changed) VALUES (${
        values.join(", ")
      })`,
    );
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.errno !== DUPLICATE) throw error;
    const other = await activeChange(metadata);
    throw new ChangeError(
      "conflict",
      `another change is under way: ${other === undefined ? "it has just begun" : describeChange(other)}`,
      "one change at a time: wait until it has ended",
    );
  }
  const [row] = await metadata.rows(`SELECT ${COLUMNS} FROM qs_decision WHERE id = LAST_INSERT_ID()`);
  return changeOf(row!);
}

/** What changes in a journal: only what is named. */
export interface ChangeUpdate {
  readonly step?: ChangeStep;
  /** null: none is chosen any more. */
  readonly shard?: string | null;
  readonly transfers?: readonly SlotTransfer[];
  readonly outcome?: Change["outcome"];
  readonly reason?: string | null;
}

/**
 * Changes the journal, if the step is what the caller believes. With an outcome it ends.
 * @throws {ChangeError} `conflict`: somebody else went on with it.
 * @throws {DatabaseError}
 */
export async function updateChange(metadata: Session, change: Change, update: ChangeUpdate): Promise<Change> {
  const nullable = (text: string | null) => text === null ? "NULL" : textLiteral(text);
  const { step, shard, transfers, outcome, reason } = update;
  const sets = [
    ...step === undefined ? [] : [`step = '${step}'`],
    ...shard === undefined ? [] : [`shard = ${nullable(shard)}`],
    ...transfers === undefined ? [] : [`transfers = ${textLiteral(transfersText(transfers))}`],
    ...outcome === undefined ? [] : [`outcome = '${outcome}'`, "step = 'ended'", "active = NULL"],
    ...reason === undefined ? [] : [`reason = ${nullable(reason && reason.slice(0, 1000))}`],
    "changed = UTC_TIMESTAMP(3)",
  ];
  const where = `WHERE id = ${change.id} AND active = 1 AND step = '${change.step}'`;
  const found = await metadata.rows(`SELECT 1 AS found FROM qs_decision ${where}`);
  if (found.length === 0) {
    throw new ChangeError("conflict", `somebody else went on with change ${change.id}`);
  }
  await metadata.run(`UPDATE qs_decision SET ${sets.join(", ")} ${where}`);
  const [row] = await metadata.rows(`SELECT ${COLUMNS} FROM qs_decision WHERE id = ${change.id}`);
  return changeOf(row!);
}

/** A change in words. */
export function describeChange({ id, action, source, shard, step }: Change): string {
  const parts = [
    ...source === undefined ? [] : [` of ${source}`],
    ...shard === undefined ? [] : [` with ${shard}`],
  ];
  return `change ${id}, ${action}${parts.join("")}, its step is ${step}`;
}

function transfersText(transfers: readonly SlotTransfer[]): string {
  return JSON.stringify(transfers.map(({ from, to, slots }) => [from, to, slotsText(slots)]));
}

function transfersOf(text: string | null | undefined): readonly SlotTransfer[] {
  if (text === null || text === undefined) return [];
  const found = JSON.parse(text) as readonly (readonly [string, string, string])[];
  return found.map(([from, to, slots]) => ({ from, to, slots: slotsOfText(slots)! }));
}

function changeOf(row: TextRow): Change {
  const action = CHANGE_ACTIONS.find((action) => action === row["action"]);
  const step = CHANGE_STEPS.find((step) => step === row["step"]);
  if (action === undefined || step === undefined) {
    throw new TypeError(`the journal of change ${quoted(row["id"] ?? "")} cannot be read`);
  }
  const text = (name: string) => row[name] ?? undefined;
  const [source, shard, policy] = [text("source"), text("shard"), text("policy")];
  const [reason, outcome] = [text("reason"), text("outcome")];
  return {
    id: row["id"]!,
    action,
    ...source !== undefined && { source },
    ...shard !== undefined && { shard },
    ...policy !== undefined && { policy },
    cause: row["cause"]!,
    named: row["named"] === "1",
    step,
    ...outcome !== undefined && { outcome: outcome as NonNullable<Change["outcome"]> },
    ...reason !== undefined && { reason },
    transfers: transfersOf(row["transfers"]),
    began: `${row["began"]!.slice(0, 23)}Z`,
    changed: `${row["changed"]!.slice(0, 23)}Z`,
  };
}
