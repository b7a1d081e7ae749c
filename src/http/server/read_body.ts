import type { IncomingMessage } from "node:http";
import { Buffer } from "node:buffer";
import type { Deadlines } from "./deadlines.ts";
import type { Limits } from "./limits.ts";
import type { Refusal } from "./refusal.ts";

/** The client has hung up: nobody reads an answer. */
export const NO_END: Refusal = { status: 400, error: "The body has no end" };

/** The body, as long as it is short, and comes in time. */
export function readBody(
  incoming: IncomingMessage,
  limits: Pick<Limits, "body" | "bodyTime">,
  deadlines: Deadlines,
): Promise<Uint8Array | Refusal> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const inTime = deadlines.begin(
      limits.bodyTime,
      () => end({ status: 408, error: "The body did not come in time" }),
    );
    const end = (result: Uint8Array | Refusal) => {
      inTime();
      incoming.off("data", take);
      resolve(result);
    };
    const take = (chunk: Uint8Array) => {
      size += chunk.length;
      if (size > limits.body) end({ status: 413, error: "The body is too long" });
      else chunks.push(chunk);
    };
    incoming.on("data", take);
    incoming.on("end", () => end(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    incoming.on("close", () => end(NO_END));
  });
}
