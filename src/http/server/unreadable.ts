import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { SECURITY_HEADERS } from "./headers.ts";
import type { Site } from "./site.ts";

/** How the parser calls what is not a request, and what the client is told. */
const ANSWERS: Readonly<Record<string, readonly [status: string, error: string]>> = {
  HPE_HEADER_OVERFLOW: ["431 Request Header Fields Too Large", "The headers are too long"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ["413 Content Too Large", "The body is too long"],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "The request did not come in time"],
  CONNECT: ["405 Method Not Allowed", "This method is not served"],
  UPGRADE: ["400 Bad Request", "No other protocol is served"],
};

const OTHERWISE = ["400 Bad Request", "This is not a request"] as const;
const TOO_LONG = ["414 URI Too Long", "The path is too long"] as const;

/** What is known of it. */
export interface Unreadable {
  readonly code?: string;
  /** What was read of it last. */
  readonly rawPacket?: Uint8Array;
}

/** Answers what is no request that can be served, and ends the connection. */
export function answerUnreadable(
  { code = "", rawPacket }: Unreadable,
  socket: Duplex,
  { bodyOf }: Pick<Site, "bodyOf">,
): void {
  // An answer may be under way: another one would look like a part of it.
  const busy = (socket as { readonly _httpMessage?: { readonly headersSent: boolean } })._httpMessage;
  if (!socket.writable || socket.writableEnded || busy?.headersSent === true) return void socket.destroy();
  const isPath = code === "HPE_HEADER_OVERFLOW" && rawPacket !== undefined && !rawPacket.includes(10);
  const [status, error] = isPath ? TOO_LONG : ANSWERS[code] ?? OTHERWISE;
  const { type, text } = bodyOf({ status: Number.parseInt(status), error }, "/");
  const headers = {
    ...SECURITY_HEADERS,
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status}\r\n${lines.join("")}\r\n${text}`, () => socket.destroy());
}
