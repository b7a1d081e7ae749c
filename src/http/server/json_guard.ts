import type { Refusal } from "./refusal.ts";

/** Why a body is refused; undefined: it is JSON, or there is none. */
export function bodyRefusal(body: Uint8Array, { depth }: { readonly depth: number }): Refusal | undefined {
  if (body.length === 0) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    // First, since what parses it goes as deep as it is.
    if (depthOf(text) > depth) return { status: 400, error: "The JSON is nested too deeply" };
    JSON.parse(text);
  } catch {
    return { status: 400, error: "The body is not JSON" };
  }
}

/** How deep objects and lists are nested in a text that may be JSON. */
function depthOf(text: string): number {
  let [depth, deepest, isString] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (isString && char === "\\") at++;
    else if (char === '"') isString = !isString;
    else if (isString) continue;
    else if (char === "{" || char === "[") deepest = Math.max(deepest, ++depth);
    else if (char === "}" || char === "]") depth--;
  }
  return deepest;
}
