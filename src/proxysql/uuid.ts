import type { Clock } from "../clock.ts";

/** A new UUID of version 7, which nobody else makes. */
export function newUuid(clock: Pick<Clock, "wall">): string {
  return uuidV7(clock.wall(), crypto.getRandomValues(new Uint8Array(10)));
}

/**
 * A UUID of version 7 (RFC 9562): later ones are greater.
 * @param now Milliseconds since 1970.
 * @param random Ten random bytes.
 */
export function uuidV7(now: number, random: Uint8Array): string {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(now) << 16n);
  bytes.set(random.subarray(0, 10), 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [[0, 8], [8, 12], [12, 16], [16, 20], [20, 32]].map(([from, to]) => hex.slice(from, to)).join("-");
}
