import { createHash } from "node:crypto";
import type { Secret } from "../text/secret.ts";

/** The block of SHA-256, in bytes. */
const BLOCK = 64;

/**
 * The HMAC-SHA256 of a text (RFC 2104), in hexadecimal. Node's `createHmac` makes the runtime of binaries warn on the
 * standard error.
 */
export function hmacSha256(key: Secret, text: string): string {
  const bytes = new TextEncoder().encode(key.reveal());
  const short = bytes.length > BLOCK ? createHash("sha256").update(bytes).digest() : bytes;
  const padded = (pad: number) => Uint8Array.from({ length: BLOCK }, (_, index) => (short[index] ?? 0) ^ pad);
  const inner = createHash("sha256").update(padded(0x36)).update(text).digest();
  return createHash("sha256").update(padded(0x5c)).update(inner).digest("hex");
}
