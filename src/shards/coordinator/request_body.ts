import type { Context } from "hono";

/** A body that is not as it has to be. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";
}

export function bad(message: string): BadRequest {
  return new BadRequest(message);
}

/** An empty body is an empty object: the guard has seen that others are JSON. */
export async function bodyOf(c: Context): Promise<unknown> {
  const text = await c.req.text();
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw bad("the body is not JSON");
  }
}

/** The keys of a body that may have these only. Throws {@linkcode BadRequest}. */
export function readKeys<K extends string>(
  body: unknown,
  keys: readonly K[],
): Readonly<Partial<Record<K, unknown>>> {
  const expected = keys.length === 0 ? "{}" : `{${keys.map((key) => `"${key}"`).join(", ")}}`;
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw bad(`expected ${expected}`);
  const stranger = Object.keys(body).find((key) => !(keys as readonly string[]).includes(key));
  if (stranger !== undefined) {
    throw bad(`unknown key: ${JSON.stringify(stranger.slice(0, 80))}: expected ${expected}`);
  }
  return body as Readonly<Partial<Record<K, unknown>>>;
}
