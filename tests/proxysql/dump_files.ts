import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

/** A row of a dump, as far as it is read again. */
export interface MadeRow {
  readonly digest: string | null;
  readonly count: number;
  /** Times in milliseconds; those of the dump unless told. */
  readonly from?: number;
  readonly to?: number;
}

/** What a made dump has. */
export interface MadeDump {
  readonly id: string;
  /** Null: since ProxySQL counts. */
  readonly from: number | null;
  readonly to: number;
  readonly instance?: string;
  readonly pod?: string | null;
  readonly restarted?: boolean;
  readonly rows: readonly MadeRow[];
}

const iso = (at: number) => new Date(at).toISOString();

/** A dump as JSON Lines: by hand, not with the program's writer. */
export function jsonLines(dump: MadeDump): string {
  const lines = rowsOf(dump).map((row) => `${JSON.stringify(row)}\n`).join("");
  return `${lines}${JSON.stringify(manifestOf(dump, lines))}\n`;
}

/** The same as CSV, with its manifest. */
export function csv(dump: MadeDump): { readonly text: string; readonly manifest: string } {
  const names = ["event_version", "dump_id", "digest_text", "sniper_digest", "count", "from", "to"] as const;
  const cell = (value: unknown) => value === null ? "" : `"${String(value).replaceAll('"', '""')}"`;
  const lines = rowsOf(dump).map((row) => `${names.map((name) => cell(row[name])).join(",")}\r\n`);
  const text = `${names.join(",")}\r\n${lines.join("")}`;
  return { text, manifest: `${JSON.stringify(manifestOf(dump, text))}\n` };
}

export function zipped(text: string): Uint8Array {
  return gzipSync(Buffer.from(text));
}

function rowsOf({ id, from, to, rows }: MadeDump) {
  return rows.map((row) => ({
    ...{
      event_version: 1,
      dump_id: id,
      digest_text: 'SELECT "a",\r\n?',
      sniper_digest: row.digest,
      count: row.count,
    },
    ...{ from: iso(row.from ?? from ?? to), to: iso(row.to ?? to) },
  }));
}

function manifestOf(
  { id, from, to, rows, instance = "127.0.0.1:6032", pod = null, restarted = false }: MadeDump,
  text: string,
) {
  return {
    ...{
      manifest: 1,
      dump_id: id,
      instance,
      pod,
      mode: "delta",
      from: from === null ? null : iso(from),
      to: iso(to),
    },
    ...{
      rows: rows.length,
      restarted,
      sha256: createHash("sha256").update(text).digest("hex"),
      complete: true,
    },
  };
}
