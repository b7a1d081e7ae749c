/** Buffered standard output, for many short pieces. */
export interface Output {
  /** Adds a piece: bytes, or a text, which is encoded as UTF-8. */
  push(piece: Uint8Array | string): void;
  /** Whether the buffer is full. */
  isFull(): boolean;
  /** Writes what was added. */
  flush(): Promise<void>;
}

/** The sink cannot be written to; `cause` says why. */
export class OutputError extends Error {
  override readonly name = "OutputError";
}

/** The size of the buffer, in bytes. */
const SIZE = 2 ** 18;

/** How much text is encoded at once, in UTF-16 units. */
const TEXT_SIZE = 2 ** 13;

/**
 * Buffers pieces for a sink, to avoid a system call for each. `flush` throws an {@linkcode OutputError} if they
 * cannot be written.
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
