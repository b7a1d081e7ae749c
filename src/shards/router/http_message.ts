import { RouterProblem } from "./problem.ts";

/** A request as it came by HTTP. */
export interface HttpRequest {
  readonly method: string;
  /** Without what stands behind `?`. */
  readonly path: string;
  /** Of a name in small letters; undefined: it was not sent. */
  header(name: string): string | undefined;
  /** The pieces of its body, to be read once. */
  readonly body: AsyncIterable<Uint8Array>;
  /** All of its body, in place of {@linkcode body}: asked for only where its length was told, and is small. */
  whole(): Promise<Uint8Array>;
}

/** What it is answered with. */
export interface HttpReply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** The largest request, in bytes. */
const MOST_BYTES = 2 ** 20;
/** The largest request that is read to its end although it is refused, in bytes. */
const MOST_DISCARDED = 2 ** 23;

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The body of a request as text.
 * @throws {RouterProblem} It is too large, or no text.
 */
export async function bodyText(request: HttpRequest): Promise<string> {
  const length = request.header("content-length");
  // The parser of HTTP holds a client to the length that it told; without one nobody knows before it is read.
  const isKnown = length !== undefined && request.header("transfer-encoding") === undefined;
  if (isKnown && Number(length) > MOST_BYTES) throw await unread(request, tooLarge());
  const bytes = isKnown ? await request.whole() : await collected(request);
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new RouterProblem("bad_request", "the body is not UTF-8");
  }
}

/**
 * Reads a request that is refused, and returns why it is: whoever is still sending does not see the answer if the connection
 * ends first. What is larger than anybody sends by mistake is not read to its end.
 */
export async function unread({ body }: HttpRequest, problem: RouterProblem): Promise<RouterProblem> {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MOST_DISCARDED) break;
  }
  return problem;
}

async function collected({ body }: HttpRequest): Promise<Uint8Array> {
  const bytes = new Uint8Array(MOST_BYTES);
  let length = 0;
  for await (const chunk of body) {
    if (length + chunk.length <= MOST_BYTES) bytes.set(chunk, length);
    length += chunk.length;
    if (length > MOST_DISCARDED) break;
  }
  if (length > MOST_BYTES) throw tooLarge();
  return bytes.subarray(0, length);
}

function tooLarge(): RouterProblem {
  return new RouterProblem("bad_request", `a request has at most ${MOST_BYTES} bytes`);
}
