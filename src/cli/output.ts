/** Standard output for many short pieces. */
export interface Output {
  /** Adds a piece: bytes, or a text that becomes UTF-8. */
  push(piece: Uint8Array | string): void;
  /** Whether it is time to flush. */
  isFull(): boolean;
  /** Writes what was added. */
  flush(): Promise<void>;
}

/** The sink takes no more; `cause` says why. */
export class OutputError extends Error {
  override readonly name = "OutputError";
}

/** How much is kept before it is written, in bytes. */
const SIZE = 2 ** 18;

/** How much text becomes UTF-8 at once, in UTF-16 units. */
const TEXT_SIZE = 2 ** 13;

/**
 * Collects pieces for a sink, so that there is no system call for each of them.
 * Its `flush` throws an {@linkcode OutputError} where they cannot be written.
 */
export function newOutput(sink: { write(bytes: Uint8Array): Promise<number> }): Output {
  let buffer = new Uint8Array(2 * SIZE);
  let length = 0;
  let text = "";
  const encoder = new TextEncoder();
  return {
    push(piece) {
      if (typeof piece === "string") {
        text += piece;
        if (text.length >= TEXT_SIZE) pushText();
        return;
      }
      if (text !== "") pushText();
      pushBytes(piece);
    },
    isFull: () => length >= SIZE,
    async flush() {
      if (text !== "") pushText();
      const whole = buffer.subarray(0, length);
      length = 0;
      try {
        for (let at = 0; at < whole.length;) at += await sink.write(whole.subarray(at));
      } catch (cause) {
        throw new OutputError("the output cannot be written", { cause });
      }
    },
  };

  function pushText(): void {
    const bytes = encoder.encode(text);
    text = "";
    pushBytes(bytes);
  }

  function pushBytes(bytes: Uint8Array): void {
    if (length + bytes.length > buffer.length) {
      const larger = new Uint8Array(2 * (length + bytes.length));
      larger.set(buffer.subarray(0, length));
      buffer = larger;
    }
    buffer.set(bytes, length);
    length += bytes.length;
  }
}
