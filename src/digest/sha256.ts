/**
 * SHA-256 (FIPS 180-4) of short texts: for those of a hundred bytes a call of the platform's own takes longer than the
 * hash itself.
 */
const ROUNDS = 64;
const [INITIAL, CONSTANTS] = [firstPrimes(8).map(Math.sqrt), firstPrimes(ROUNDS).map(Math.cbrt)].map((
  roots,
) => Int32Array.from(roots, (root) => (root % 1) * 2 ** 32)) as [Int32Array, Int32Array];

const state = new Int32Array(8);
const schedule = new Int32Array(ROUNDS);
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** The first 16 hexadecimal digits of the hash of the first bytes of an array, which has room for 72 more. */
export function hashOf(bytes: Uint8Array, length: number): string {
  state.set(INITIAL);
  let end = length;
  bytes[end++] = 0x80;
  while (end % 64 !== 56) bytes[end++] = 0;
  for (let shift = 56; shift >= 0; shift -= 8) bytes[end++] = shift >= 32 ? 0 : (length * 8) >>> shift;
  for (let at = 0; at < end; at += 64) mixBlock(bytes, at);
  return hex(state[0]!) + hex(state[1]!);
}

function hex(word: number): string {
  return HEX[word >>> 24]! + HEX[(word >>> 16) & 255]! + HEX[(word >>> 8) & 255]! + HEX[word & 255]!;
}

/** Mixes 64 bytes into the state. */
function mixBlock(bytes: Uint8Array, start: number): void {
  for (let i = 0; i < 16; i++) {
    const at = start + 4 * i;
    schedule[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }
  for (let i = 16; i < ROUNDS; i++) {
    const x = schedule[i - 15]!;
    const y = schedule[i - 2]!;
    const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    schedule[i] = (schedule[i - 16]! + low + schedule[i - 7]! + high) | 0;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let i = 0; i < ROUNDS; i++) {
    const high = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + high + (g ^ (e & (f ^ g))) + CONSTANTS[i]! + schedule[i]!) | 0;
    const low = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = low + ((a & b) | (c & (a | b)));
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}

function firstPrimes(count: number): readonly number[] {
  const primes: number[] = [];
  for (let number = 2; primes.length < count; number++) {
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  }
  return primes;
}
