import { createHash, timingSafeEqual } from "node:crypto";
import { hmacSha256 } from "../../notify/hmac.ts";
import { Secret } from "../../text/secret.ts";

/** For how long a login lasts, in milliseconds. */
export const SESSION = 7 * 86_400_000;

/** Bumped where older cookies must not be good any more. */
const VERSION = "v1";

/**
 * Who has the token. A login gives a cookie that is made of the token and of its own end: it survives a restart of the
 * program, and ends with the token.
 */
export class Keeper {
  readonly #digests: readonly Uint8Array[];
  readonly #key: Secret;

  /** @param others Tokens that are as good as the first one. A login ends with any change of them all. */
  constructor(token: Secret, others: readonly Secret[] = []) {
    this.#digests = [token, ...others].map((each) => sha256(each.reveal()));
    const known = others.map((each) => ` ${hmacSha256(each, "query-sniper token")}`).join("");
    this.#key = new Secret(hmacSha256(token, `query-sniper session ${VERSION}${known}`));
  }

  /** Whether a text is a token. It takes as long for one that is nearly right. */
  isToken(text: string): boolean {
    const given = sha256(text);
    // All are compared.
    return this.#digests.filter((digest) => timingSafeEqual(given, digest)).length > 0;
  }

  /**
   * The value of a cookie.
   * @param now In milliseconds since 1970.
   * @param id Different for each login.
   */
  session(now: number, id: string): string {
    const claims = `${VERSION}.${Math.floor((now + SESSION) / 1000)}.${id}`;
    return `${claims}.${hmacSha256(this.#key, claims)}`;
  }

  /** Whether the value of a cookie was made here, and its time is not over. */
  isSession(value: string, now: number): boolean {
    const [, claims, end] = /^(v1\.(\d{1,12})\.[\w-]{1,64})\.[0-9a-f]{64}$/.exec(value) ?? [];
    if (claims === undefined) return false;
    const own = `${claims}.${hmacSha256(this.#key, claims)}`;
    const rest = Number(end) * 1000 - now;
    // Whoever sets the clock back makes nothing last longer.
    return timingSafeEqual(sha256(value), sha256(own)) && rest > 0 && rest <= SESSION + 60_000;
  }
}

function sha256(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
