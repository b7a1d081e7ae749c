import type { Row } from "../../connection/mod.ts";
import type { SqlValues } from "./sql_value.ts";

/** What all sources yield of one session, before it is judged. */
export interface RawSession {
  readonly id: number;
  readonly user: string | null;
  readonly host: string | null;
  readonly db: string | null;
  readonly command: string | null;
  readonly state: string | null;
  readonly running: boolean;
  /** Milliseconds since the statement began, or ended where none is running. */
  readonly age: number | null;
  readonly text: string | null;
  /** What its client calls itself; null where it says nothing. */
  readonly program: string | null;
  readonly execution: string;
  /** The statement may be an inner one, with the age of the CALL. */
  readonly perhapsInner?: true;
  /** The server's own digest of the statement; null where it gives none. */
  readonly serverDigest: string | null;
}

/** Where sessions are read from, and how. */
export interface Source {
  readonly columns: string;
  readonly from: string;
  readonly where: string;
  readonly idColumn: string;
  /** All threads, and what they do, where that is enough to know. */
  readonly threads: string;
  readonly state: string;
  /** What the server can work out itself of a session, by the names of the policy language. */
  readonly values: SqlValues;
  /** The same for those that run a statement alone, where that is much less to look through. */
  readonly fromRunning?: string;
  /** Where texts are cut short or not shown: queries for the texts and executions under way of these connections. */
  readonly whole?: {
    texts(ids: string): string;
    executions(ids: string): string;
  };
  raw(row: Row, own: Row): RawSession;
}

/** What all sources call the same. */
export function commonColumns(row: Row) {
  return {
    id: Number(row["id"]),
    user: textColumn(row["user"]),
    host: textColumn(row["host"]),
    db: textColumn(row["db"]),
    command: textColumn(row["command"]),
    state: textColumn(row["state"]),
    program: textColumn(row["program"]),
    serverDigest: textColumn(row["server_digest"]),
  };
}

export function numberColumn(value: Row[string] | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

export function textColumn(value: Row[string] | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}
