import { MEMBER_TABLE, READ_MEMBERS } from "../members/tables.ts";
import { SLOT_COUNT } from "./key.ts";

/** The number of the error by which a shard refuses to write rows of a slot that it does not own. */
export const NOT_OWNED = 1644;
/** The beginning of its message. */
export const NOT_OWNED_MESSAGE = "query-sniper: this shard does not own slot";

/** What each shard keeps in the schema of its tables: which slots it owns, its epoch, and the guard of writes. */
export const SHARD_TABLES: readonly string[] = [
  "CREATE TABLE IF NOT EXISTS qs_slots (slot SMALLINT UNSIGNED NOT NULL PRIMARY KEY, " +
  "state ENUM('owned', 'frozen') NOT NULL) ENGINE = InnoDB",
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

/** What the metadata database keeps: the map of all slots, and the epoch at which each shard serves them. */
export const METADATA_TABLES: readonly string[] = [
  "CREATE TABLE IF NOT EXISTS qs_map (slot SMALLINT UNSIGNED NOT NULL PRIMARY KEY, " +
  "shard VARCHAR(64) CHARACTER SET ascii NOT NULL) ENGINE = InnoDB",
  "CREATE TABLE IF NOT EXISTS qs_serving (shard VARCHAR(64) CHARACTER SET ascii NOT NULL PRIMARY KEY, " +
  "epoch BIGINT UNSIGNED NOT NULL) ENGINE = InnoDB",
  MEMBER_TABLE,
];

const MAP = "START TRANSACTION WITH CONSISTENT SNAPSHOT; SELECT slot, shard FROM qs_map ORDER BY slot; " +
  "SELECT shard, CAST(epoch AS CHAR) AS epoch FROM qs_serving";

/** The map with the servers that were added: read at once, in one snapshot. */
export const READ_MAP = `${MAP}; ${READ_MEMBERS}; COMMIT`;

/** The map of a group to which no server could be added when it began: it has no table of them. */
export const READ_OLD_MAP = `${MAP}; COMMIT`;

/** The epoch of a shard, read behind a statement: where it is that of the map, the shard owned what the map says. */
export const READ_EPOCH = "SELECT CAST(epoch AS CHAR) AS epoch FROM qs_shard WHERE id = 1";

/** All slots, in even parts for so many shards, each in one piece. */
export function evenParts(count: number): readonly (readonly number[])[] {
  return Array.from({ length: count }, (_, part) => {
    const [from, to] = [Math.floor(part * SLOT_COUNT / count), Math.floor((part + 1) * SLOT_COUNT / count)];
    return Array.from({ length: to - from }, (_, index) => from + index);
  });
}
