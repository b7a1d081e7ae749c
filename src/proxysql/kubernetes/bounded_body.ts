import { KubernetesError } from "./kubernetes_error.ts";

/** The whole body as text. @throws {KubernetesError} `unusable`: it is longer than `limit` bytes, or no text. */
export async function boundedText(response: Response, limit: number): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let size = 0;
  for await (const chunk of chunksOf(response)) {
    size += chunk.byteLength;
    if (size > limit) {
      throw new KubernetesError("unusable", `an answer of Kubernetes is longer than ${limit} bytes`);
    }
    text += decoded(decoder, chunk, { stream: true });
  }
  return text + decoded(decoder);
}

/**
 * The lines of a body as they come; what stands behind the last end of a line was cut off, and is not one.
 * @throws {KubernetesError} `unusable`: a line is longer than `limit` bytes, or no text.
 */
export async function* boundedLines(response: Response, limit: number): AsyncGenerator<string, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let begun: string[] = [];
  let size = 0;
  for await (const chunk of chunksOf(response)) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      begun.push(decoded(decoder, chunk.subarray(start, end)));
      yield begun.join("");
      begun = [];
      size = 0;
      start = end + 1;
    }
    size += chunk.byteLength - start;
    if (size > limit) {
      throw new KubernetesError("unusable", `a line of Kubernetes is longer than ${limit} bytes`);
    }
    begun.push(decoded(decoder, chunk.subarray(start), { stream: true }));
  }
}

/** Whoever stops to read cancels the answer, so that no connection is left behind. */
async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array, void> {
  if (body === null) return;
  const reader = body.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function decoded(decoder: TextDecoder, bytes?: Uint8Array, options?: TextDecodeOptions): string {
  try {
    return decoder.decode(bytes, options);
  } catch {
    throw new KubernetesError("unusable", "an answer of Kubernetes is no text");
  }
}
