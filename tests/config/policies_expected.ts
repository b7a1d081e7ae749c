// Whom the ready policies of config/policies end, and whom they spare.

import type { Health, Session } from "../../src/snapshot/mod.ts";
import { session } from "../policy/fixture.ts";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const UNKNOWN = { unknown: "it was not read" };

export type Text = NonNullable<Parameters<typeof session>[0]>;

/** A session that is in nobody's way, but for what is given. */
export function bystander(text: Text): Session {
  return session({
    same_digest: text.running === false ? 0 : 1,
    same_user: text.running === false ? 0 : 1,
    transaction_time: 0,
    rows_modified: 0,
    rows_locked: 0,
    pins_purge: false,
    waiting: false,
    blocking: 0,
    blocks_replication: false,
    ...text,
  });
}

export interface Expected {
  /** When the gate is open. */
  readonly hurt: readonly Health[];
  /** When it is not; one of an unknown value among them. */
  readonly well: readonly Health[];
  /** Whom the policy ends: each on its own. */
  readonly victims: readonly Text[];
  /** What makes the first victim one that is spared. */
  readonly spared: Readonly<Record<string, Text>>;
  /** Names without which the first victim is spared. */
  readonly needed: readonly (keyof Session)[];
}

const reader = { time: 5 * MINUTE, transaction_time: 5 * MINUTE };
const idler = { running: false, idle_time: 10 * MINUTE, transaction_time: 20 * MINUTE };

export const EXPECTED: Readonly<Record<string, Expected>> = {
  "apply-lag": {
    hurt: [{ lag_apply: 31 * SECOND }],
    well: [{ lag_apply: 30 * SECOND }, { lag_apply: UNKNOWN, lag: MINUTE }, {
      lag: MINUTE,
      lag_fetch: MINUTE,
    }],
    victims: [
      { ...reader, blocks_replication: true, blocking: 1 },
      { time: 6 * SECOND, transaction_time: UNKNOWN, blocks_replication: true },
      { ...idler, blocks_replication: true },
      { running: false, idle_time: 6 * SECOND, blocks_replication: true },
      { time: 1, transaction_time: MINUTE, blocks_replication: true },
    ],
    spared: {
      "who reads for long and holds up nobody": { blocks_replication: false },
      "who blocks others than the applier": { blocks_replication: false, blocking: 9 },
      "who waits itself": { waiting: true },
      "who has just come": { time: 5 * SECOND, transaction_time: 5 * SECOND },
      "DDL": { sql: "ALTER TABLE t ADD a INT" },
    },
    needed: ["blocks_replication", "waiting", "rows_modified"],
  },
  "history": {
    hurt: [{ hll: 1_000_001 }],
    well: [{ hll: 1_000_000 }, { hll: UNKNOWN }],
    victims: [
      { ...idler, pins_purge: true },
      { ...reader, time: 6 * MINUTE, transaction_time: 6 * MINUTE, pins_purge: true },
    ],
    spared: {
      "an older transaction without the oldest view": { pins_purge: false, transaction_time: 60 * MINUTE },
      "a young one": { transaction_time: 5 * MINUTE },
      "one that is dear to roll back": { rows_modified: 100_001 },
    },
    needed: ["pins_purge", "transaction_time", "rows_modified"],
  },
  "lock-pile-up": {
    hurt: [
      { metadata_lock_waits: 21, row_lock_waits: 0 },
      { metadata_lock_waits: 0, row_lock_waits: 21 },
      { metadata_lock_waits: UNKNOWN, row_lock_waits: 21 },
    ],
    well: [
      { metadata_lock_waits: 20, row_lock_waits: 20 },
      { metadata_lock_waits: UNKNOWN, row_lock_waits: 20 },
    ],
    victims: [
      { ...reader, blocking: 21 },
      { ...idler, blocking: 21, rows_locked: 1 },
      { running: false, idle_time: 6 * SECOND, transaction_time: 0, blocking: 21 },
    ],
    spared: {
      "the ALTER in the middle": { sql: "ALTER TABLE t ADD a INT", waiting: true },
      "an ALTER at the head": { sql: "ALTER TABLE t ADD a INT" },
      "a query in the queue": { waiting: true, blocking: 0 },
      "who blocks a few": { blocking: 20 },
      "the head of a queue that moves": { time: 10, transaction_time: 4 * SECOND },
      "one that is dear to roll back": { rows_modified: 100_001 },
    },
    needed: ["blocking", "waiting", "rows_modified"],
  },
  "idle-transactions": {
    hurt: [{}],
    well: [],
    victims: [
      { ...idler, rows_locked: 1 },
      { ...idler, rows_modified: 1 },
      { ...idler, blocking: 1 },
      { ...idler, rows_locked: UNKNOWN, blocking: 1 },
    ],
    spared: {
      "an idle session without a transaction": { transaction_time: 0, rows_locked: 0 },
      "a transaction that only reads": { rows_locked: 0 },
      "a young transaction": { transaction_time: 5 * MINUTE },
      "one whose client was there a moment ago": { idle_time: MINUTE },
      "one that runs a statement": { running: true, time: 20 * MINUTE },
      "one that is dear to roll back": { rows_modified: 100_001 },
      "a person": { user: "dba_kim" },
    },
    needed: ["transaction_time", "rows_locked", "rows_modified", "idle_time"],
  },
  "long-reads": {
    hurt: [
      { threads_running: 101, lag: 0, hll: 5 },
      { threads_running: 5, lag: 31 * SECOND, hll: 5 },
      { threads_running: 5, lag: UNKNOWN, hll: 1_000_001 },
    ],
    well: [{ threads_running: 100, lag: 30 * SECOND, hll: 1_000_000 }, {
      threads_running: 5,
      lag: UNKNOWN,
      hll: 5,
    }],
    victims: [
      { time: 11 * SECOND },
      { time: 11 * SECOND, command: "Execute" },
      { time: 11 * SECOND, sql: "/* report */ (WITH x AS (SELECT 1) SELECT * FROM x)" },
    ],
    spared: {
      "a short read": { time: 10 * SECOND },
      "a write": { sql: "UPDATE t SET a = 1" },
      "a procedure": { sql: "CALL p()" },
      "a dump": { sql: "SELECT /*!40001 SQL_NO_CACHE */ * FROM t", verb: "dump" },
      "who waits for a lock": { waiting: true },
      "an idle session": { running: false },
    },
    needed: ["time", "verb", "waiting", "rows_modified"],
  },
  "stampede": {
    hurt: [{ threads_running: 101 }],
    well: [{ threads_running: 100 }, { threads_running: UNKNOWN }],
    victims: [{ same_digest: 51, time: 3 * SECOND }],
    spared: {
      "what few run": { same_digest: 50, same_user: 200 },
      "what has just begun": { time: 2 * SECOND },
      "a write": { sql: "UPDATE t SET a = 1" },
      "one in a queue of many alike": { waiting: true },
    },
    needed: ["same_digest", "time", "verb", "waiting", "rows_modified"],
  },
  "connection-storm": {
    hurt: [{ connections_used: 90.5 }],
    well: [{ connections_used: 90 }, { connections_used: UNKNOWN }],
    victims: [{ running: false, idle_time: 11 * MINUTE }],
    spared: {
      "who was busy a moment ago": { idle_time: 10 * MINUTE },
      "who is in a transaction": { transaction_time: 1 },
      "who runs a statement": { running: true, time: 20 * MINUTE },
      "a person": { user: "dba_kim" },
    },
    needed: ["idle_time", "transaction_time", "rows_modified"],
  },
};

/** Whom no policy ends, whatever it says; `running` is left to the victim. */
export const NEVER: Readonly<Record<string, Text>> = {
  "this program": { user: "sniper" },
  "another one of its kind": { program: "query-sniper" },
  "an applier": { user: "system user" },
  "a replica's dump": { command: "Binlog Dump GTID" },
  "who is rolled back": { state: "Rolling back" },
  "a protected account": { user: "backup" },
};
