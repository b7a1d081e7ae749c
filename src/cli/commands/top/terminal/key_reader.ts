import { type Key, keysIn } from "./keys.ts";

/** A terminal that sends a part of a sequence sends the rest within this time, in milliseconds. */
const REST = 50;

/** The keys that a terminal sends, until it is gone. */
export async function* readKeys(input: ReadableStream<Uint8Array>): AsyncGenerator<Key> {
  const decoder = new TextDecoder();
  const reader = input.getReader();
  let next = reader.read();
  for (;;) {
    const { value, done } = await next;
    if (done) return;
    next = reader.read();
    let text = decoder.decode(value, { stream: true });
    // An escape may be a key, or the beginning of a sequence.
    // deno-lint-ignore no-control-regex
    while (/\x1b(?:\[[0-9;?]*|O)?$/.test(text)) {
      const more = await soon(next);
      if (more === undefined || more.done) break;
      next = reader.read();
      text += decoder.decode(more.value, { stream: true });
    }
    yield* keysIn(text);
  }
}

async function soon<T>(promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => timer = setTimeout(() => resolve(undefined), REST));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
