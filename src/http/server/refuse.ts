import type { IncomingMessage, ServerResponse } from "node:http";
import { Buffer } from "node:buffer";
import { endLast } from "./last_answer.ts";
import type { Refusal } from "./refusal.ts";
import { pathOf } from "./request_head.ts";
import type { Site } from "./site.ts";

/** Answers a request with a refusal, and ends the connection. */
export function refuse(
  refusal: Refusal,
  { incoming, outgoing, site }: {
    readonly incoming: IncomingMessage;
    readonly outgoing: ServerResponse;
    readonly site: Pick<Site, "bodyOf">;
  },
): void {
  if (outgoing.headersSent || outgoing.destroyed) return void outgoing.destroy();
  const { type, text } = site.bodyOf(refusal, pathOf({ target: incoming.url ?? "" }));
  outgoing.writeHead(refusal.status, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    connection: "close",
    ...refusal.headers,
  });
  if (incoming.method !== "HEAD") outgoing.write(text);
  // Of what comes in chunks nobody knows whether it is a request to its end; who was too slow is not waited for again; and
  // who asks first whether to send it was not told to.
  const { "transfer-encoding": coding, expect } = incoming.headers;
  const hasRest = coding === undefined && expect === undefined && refusal.status !== 408;
  endLast(incoming, outgoing, { hasRest });
}
