import { MEMBER_TABLE, READ_MEMBERS } from "../members/tables.ts";
import { SLOT_COUNT } from "./key.ts";

/** The number of the error by which a shard refuses to write rows of a slot that it does not own. */
export const NOT_OWNED = 1644;
/** The beginning of its message. */
export const NOT_OWNED_MESSAGE = "query-sniper: this shard does not own slot";

/** How the names of triggers begin that a move makes on the tables of the shard that it moves rows from. */
export const OWN_TRIGGERS = "qs_move_";

/** States of a slot on a shard: `frozen`, nobody may write to it; `arriving`, its rows come and are not counted yet. */
export const SLOT_STATES = ["owned", "frozen", "arriving"] as const;

const STATE = `state ENUM(${SLOT_STATES.map((state) => `'${state}'`).join(", ")}) NOT NULL`;

/** What each shard keeps in the schema of its tables: which slots it owns, its epoch, and the guard of writes. */
export const SHARD_TABLES: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS qs_slots (slot SMALLINT UNSIGNED NOT NULL PRIMARY KEY, ${STATE}) ENGINE = InnoDB`,
  "CREATE TABLE IF NOT EXISTS qs_shard (id TINYINT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(64) CHARACTER SET ascii " +
  "NOT NULL, epoch BIGINT UNSIGNED NOT NULL) ENGINE = InnoDB",
  "DROP PROCEDURE IF EXISTS qs_guard",
  // The lock on the row lasts until the end of the transaction: nobody takes the slot away meanwhile.
  "CREATE PROCEDURE qs_guard(IN wanted SMALLINT UNSIGNED) SQL SECURITY INVOKER BEGIN " +
  "DECLARE found INT DEFAULT 0; DECLARE words VARCHAR(100); " +
  "SELECT COUNT(*) INTO found FROM qs_slots WHERE slot = wanted AND state = 'owned' LOCK IN SHARE MODE; " +
  `IF found <> 1 THEN SET words = CONCAT('${NOT_OWNED_MESSAGE} ', wanted); ` +
  "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = words; END IF; END",
];

/** Gives a shard whose tables are of an earlier version the states of a slot that came since. */
export const WIDEN_STATES = `ALTER TABLE qs_slots MODIFY ${STATE}`;

/** The journal of moves: a row each. `active` is 1 while it is under way, which no second one can be meanwhile. */
export const MOVE_TABLE =
  "CREATE TABLE IF NOT EXISTS qs_move (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, " +
  "active TINYINT UNSIGNED NULL UNIQUE, source VARCHAR(64) CHARACTER SET ascii NOT NULL, " +
  "destination VARCHAR(64) CHARACTER SET ascii NOT NULL, slots TEXT CHARACTER SET ascii NOT NULL, " +
  "cause VARCHAR(200) CHARACTER SET utf8mb4 NOT NULL, step VARCHAR(20) CHARACTER SET ascii NOT NULL, " +
  "state VARCHAR(20) CHARACTER SET ascii NOT NULL, reason VARCHAR(500) CHARACTER SET utf8mb4 NULL, " +
  "rows_copied BIGINT UNSIGNED NOT NULL, place TEXT CHARACTER SET ascii NULL, print CHAR(64) CHARACTER SET ascii NULL, " +
  "source_epoch BIGINT UNSIGNED NOT NULL, destination_epoch BIGINT UNSIGNED NOT NULL, " +
  "frozen_ms INT UNSIGNED NULL, began DATETIME(3) NOT NULL, changed DATETIME(3) NOT NULL) ENGINE = InnoDB";

/**
 * What the metadata database keeps: the map of all slots; of each shard the epochs at which it serves them, the least and
 * the last, and whether it has rows of slots that are not its own; the moves.
 */
export const METADATA_TABLES: readonly string[] = [
  "CREATE TABLE IF NOT EXISTS qs_map (slot SMALLINT UNSIGNED NOT NULL PRIMARY KEY, " +
  "shard VARCHAR(64) CHARACTER SET ascii NOT NULL) ENGINE = InnoDB",
  "CREATE TABLE IF NOT EXISTS qs_serving (shard VARCHAR(64) CHARACTER SET ascii NOT NULL PRIMARY KEY, " +
  "epoch BIGINT UNSIGNED NOT NULL, since BIGINT UNSIGNED NOT NULL DEFAULT 0, hides TINYINT UNSIGNED NOT NULL DEFAULT 0) " +
  "ENGINE = InnoDB",
  MOVE_TABLE,
  MEMBER_TABLE,
];

/** Gives metadata of an earlier version the columns that came since. */
export const WIDEN_SERVING = "ALTER TABLE qs_serving ADD COLUMN since BIGINT UNSIGNED NOT NULL DEFAULT 0, " +
  "ADD COLUMN hides TINYINT UNSIGNED NOT NULL DEFAULT 0";

const MAP = "START TRANSACTION WITH CONSISTENT SNAPSHOT; SELECT slot, shard FROM qs_map ORDER BY slot; " +
  "SELECT * FROM qs_serving";

/**
 * The map, with the servers that were added: read at once, in one snapshot. Of an earlier version there are fewer columns.
 */
export const READ_MAP = `${MAP}; ${READ_MEMBERS}; COMMIT`;

/** The map of a group of an earlier version, which has no table of servers that were added. */
export const READ_OLD_MAP = `${MAP}; COMMIT`;

/**
 * The epoch of a shard, read behind a statement: where it is one of those of the map, the shard had, to the last row, what
 * the map says.
 */
export const READ_EPOCH = "SELECT CAST(epoch AS CHAR) AS epoch FROM qs_shard WHERE id = 1";

/** All slots, in even parts for so many shards, each in one piece. */
export function evenParts(count: number): readonly (readonly number[])[] {
  return Array.from({ length: count }, (_, part) => {
    const [from, to] = [Math.floor(part * SLOT_COUNT / count), Math.floor((part + 1) * SLOT_COUNT / count)];
    return Array.from({ length: to - from }, (_, index) => from + index);
  });
}
