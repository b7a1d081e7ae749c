// The packets of MySQL's protocol, as far as an admin interface sends and reads them.

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";

/** A column of a result. */
export interface Column {
  readonly name: string;
  /** MySQL's number of the type; 253 (VAR_STRING) unless told. */
  readonly type?: number;
  readonly flags?: number;
  /** MySQL's number of the character set; 33 (utf8) unless told. */
  readonly charset?: number;
}

/** What a session is told in answer to a command. */
export type Reply =
  | { readonly kind: "ok"; readonly affectedRows?: number; readonly info?: string }
  | { readonly kind: "error"; readonly message: string; readonly code?: number; readonly sequence?: number }
  | {
    readonly kind: "rows";
    readonly columns: readonly Column[];
    readonly rows: readonly (readonly (string | null)[])[];
  }
  | { readonly kind: "silence" }
  /** The process ends: every connection is lost, and nothing listens any more. */
  | { readonly kind: "crash" };

/** An error of a statement; of a login it has other words. */
export function refusal(text: string): Reply {
  return { kind: "error", message: `ProxySQL Admin Error: ${text}` };
}

/** What the real one's admin interface offers, without compression and TLS, which the stand-in has not. */
const CAPABILITIES = 0x808ffa2f & ~0x20 & ~0x800;

/** SERVER_STATUS_AUTOCOMMIT with a bit that the real one sets too. */
const STATUS_OK = 514;
const STATUS = 2;

/** A packet with its header. */
export function framed(sequence: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
}

/** The first packet of a connection. */
export function greeting(scramble: Uint8Array, serverVersion: string): Buffer {
  const capabilities = Buffer.alloc(4);
  capabilities.writeUInt32LE(CAPABILITIES >>> 0);
  return Buffer.concat([
    Buffer.from([10]),
    Buffer.from(`${serverVersion}\0`),
    Buffer.from([1, 0, 0, 0]),
    scramble.subarray(0, 8),
    Buffer.from([0]),
    capabilities.subarray(0, 2),
    Buffer.from([33, STATUS, 0]),
    capabilities.subarray(2),
    Buffer.from([21]),
    Buffer.alloc(10),
    scramble.subarray(8, 20),
    Buffer.from("\0mysql_native_password\0"),
  ]);
}

/** Who logs in, as the client's answer to the greeting says. */
export function readLogin(payload: Buffer): { readonly user: string; readonly token: Buffer } {
  const end = payload.indexOf(0, 32);
  const length = payload[end + 1]!;
  return { user: payload.toString("utf8", 32, end), token: payload.subarray(end + 2, end + 2 + length) };
}

/** What a client sends that knows the password (mysql_native_password). */
export function passwordToken(password: string, scramble: Uint8Array): Buffer {
  if (password === "") return Buffer.alloc(0);
  const sha1 = (...parts: readonly Uint8Array[]) => createHash("sha1").update(Buffer.concat(parts)).digest();
  const once = sha1(Buffer.from(password));
  const mask = sha1(scramble.subarray(0, 20), sha1(once));
  return Buffer.from(once.map((byte, at) => byte ^ mask[at]!));
}

/** The payloads of a reply, in order. */
export function payloadsOf(reply: Reply): readonly Buffer[] {
  switch (reply.kind) {
    case "ok":
      return [Buffer.concat([
        Buffer.from([0]),
        integer(reply.affectedRows ?? 0),
        Buffer.from([0, STATUS_OK & 255, STATUS_OK >> 8, 0, 0]),
        ...reply.info === undefined ? [] : [text(reply.info)],
      ])];
    case "error": {
      const { code = 1045, message } = reply;
      return [Buffer.concat([
        Buffer.from([255, code & 255, code >> 8]),
        Buffer.from(`#28000${message}`),
      ])];
    }
    case "rows": {
      const end = Buffer.from([254, 0, 0, STATUS, 0]);
      return [
        integer(reply.columns.length),
        ...reply.columns.map(definition),
        end,
        ...reply.rows.map(rowPayload),
        end,
      ];
    }
    default:
      return [];
  }
}

/** Written in one piece: there may be a hundred thousand. */
function rowPayload(row: readonly (string | null)[]): Buffer {
  const lengths = row.map((value) => value === null ? 0 : Buffer.byteLength(value));
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + length + 9, 0));
  let at = 0;
  for (const [index, value] of row.entries()) {
    const head = value === null ? NULL : integer(lengths[index]!);
    bytes.set(head, at);
    at += head.length;
    if (value !== null) at += bytes.write(value, at);
  }
  return bytes.subarray(0, at);
}

const NULL = Buffer.from([251]);

function definition({ name, type = 253, flags = 1, charset = 33 }: Column): Buffer {
  return Buffer.concat([
    ...["def", "", "", "", name, ""].map(text),
    Buffer.from([12, charset, 0, 15, 0, 0, 0, type, flags, 0, 0, 0, 0]),
  ]);
}

function integer(value: number): Buffer {
  if (value < 251) return Buffer.from([value]);
  const bytes = Buffer.alloc(value < 2 ** 16 ? 3 : value < 2 ** 24 ? 4 : 9);
  bytes[0] = value < 2 ** 16 ? 252 : value < 2 ** 24 ? 253 : 254;
  if (bytes.length === 9) bytes.writeBigUInt64LE(BigInt(value), 1);
  else bytes.writeUIntLE(value, 1, bytes.length - 1);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([integer(bytes.length), bytes]);
}

/** Cuts what a connection sends into packets. */
export class PacketReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The packets that are whole by now. */
  read(bytes: Buffer): readonly { readonly sequence: number; readonly payload: Buffer }[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const packets = [];
    while (this.#rest.length >= 4) {
      const length = this.#rest.readUIntLE(0, 3);
      if (this.#rest.length < 4 + length) break;
      packets.push({ sequence: this.#rest[3]!, payload: this.#rest.subarray(4, 4 + length) });
      this.#rest = this.#rest.subarray(4 + length);
    }
    return packets;
  }
}
