import type { Row } from "../../connection/mod.ts";
import type { SqlValues } from "./sql_value.ts";

/** A session as a source returns it, before it is checked. */
export interface RawSession {
  readonly id: number;
  readonly user: string | null;
  readonly host: string | null;
  readonly db: string | null;
  readonly command: string | null;
  readonly state: string | null;
  readonly running: boolean;
  /** Milliseconds since the running statement began, or since the last one ended. */
  readonly age: number | null;
  readonly text: string | null;
  /** The client's `program_name`; null if it sent none. */
  readonly program: string | null;
  readonly execution: string;
  /** The statement may be an inner one of a CALL, with the age of the CALL. */
  readonly perhapsInner?: true;
  /** The server's own digest of the statement; null if there is none. */
  readonly serverDigest: string | null;
}

/** A place to read sessions from, and how. */
export interface Source {
  readonly columns: string;
  readonly from: string;
  readonly where: string;
  readonly idColumn: string;
  /** A table of all threads and their states, if that is enough. */
  readonly threads: string;
  readonly state: string;
  /** Values of a session that the server can compute, by the names of the policy language. */
  readonly values: SqlValues;
  /** A faster `from` if only running sessions are needed. */
  readonly fromRunning?: string;
  /** If texts are cut or missing: queries for the whole texts and the running executions of these connections. */
  readonly whole?: {
    texts(ids: string): string;
    executions(ids: string): string;
  };
  raw(row: Row, own: Row): RawSession;
}

/** The columns that all sources share. */
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
