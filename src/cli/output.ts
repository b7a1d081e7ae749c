/** Standard output for many short pieces. */
export interface Output {
  /** Adds a piece. */
  push(bytes: Uint8Array): void;
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

/**
 * Collects pieces for a sink, so that there is no system call for each of them.
 * Its `flush` throws an {@linkcode OutputError} where they cannot be written.
 */
export function newOutput(sink: { write(bytes: Uint8Array): Promise<number> }): Output {
  let buffer = new Uint8Array(2 * SIZE);
  let length = 0;
  return {
    push(bytes) {
      if (length + bytes.length > buffer.length) {
        const larger = new Uint8Array(2 * (length + bytes.length));
        larger.set(buffer.subarray(0, length));
        buffer = larger;
      }
      buffer.set(bytes, length);
      length += bytes.length;
    },
    isFull: () => length >= SIZE,
    async flush() {
      const whole = buffer.subarray(0, length);
      length = 0;
      try {
        for (let at = 0; at < whole.length;) at += await sink.write(whole.subarray(at));
      } catch (cause) {
        throw new OutputError("the output cannot be written", { cause });
      }
    },
  };
}
