import { RouterProblem } from "./problem.ts";

/** A request as it came by HTTP. */
export interface HttpRequest {
  readonly method: string;
  /** Without what stands behind `?`. */
  readonly path: string;
  /** Aborted where the client hangs up before it is answered. */
  readonly signal: AbortSignal;
  /** Of a name in small letters; undefined: it was not sent. */
  header(name: string): string | undefined;
  /**
   * Its body, {@linkcode MOST_REQUEST_BYTES} at most; to be read once. Nothing of it is taken before that.
   * @throws {RouterProblem} It is too large, or does not come in time.
   */
  whole(): Promise<Uint8Array>;
}

/** What it is answered with. */
export interface HttpReply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** The largest request, in bytes. */
export const MOST_REQUEST_BYTES = 2 ** 20;

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The body of a request as text.
 * @throws {RouterProblem} It is too large, or no text.
 */
export async function bodyText(request: HttpRequest): Promise<string> {
  if (Number(request.header("content-length") ?? 0) > MOST_REQUEST_BYTES) throw tooLarge();
  const bytes = await request.whole();
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new RouterProblem("bad_request", "the body is not UTF-8");
  }
}

/** The answer to a request that is larger than any may be. */
export function tooLarge(): RouterProblem {
  return new RouterProblem("bad_request", `a request has at most ${MOST_REQUEST_BYTES} bytes`);
}

/** Nobody reads that; it is no fault of the router. */
export function clientGone(): RouterProblem {
  return new RouterProblem("bad_request", "the client hung up before it was answered");
}
