import type { IncomingMessage, ServerResponse } from "node:http";

/** Sockets that were answered for the last time. */
const ENDING = new WeakSet<object>();

/** What a client may still send, in bytes, and for how long, in milliseconds, after it was answered. */
const [REST_BYTES, REST_TIME] = [8_388_608, 2_000];

/** Whether nothing that comes by a socket is answered any more. */
export function isEnding(socket: object): boolean {
  return ENDING.has(socket);
}

/**
 * Ends an answer that was written and says `connection: close`, and the connection once the client has sent what it was
 * sending: else the answer could be lost on its way. Nobody is waited for, or listened to, for long.
 * @param options.hasRest Whether the body of the request may not have come to its end.
 */
export function endLast(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { hasRest }: { readonly hasRest: boolean },
): void {
  ENDING.add(incoming.socket);
  if (!hasRest || incoming.complete) return void outgoing.end();
  let rest = 0;
  const end = () => {
    clearTimeout(timer);
    incoming.off("data", take);
    outgoing.end();
  };
  const timer = setTimeout(end, REST_TIME);
  const take = (chunk: Uint8Array) => (rest += chunk.length) > REST_BYTES && end();
  incoming.on("data", take);
  incoming.on("end", end);
  incoming.on("close", end);
  incoming.resume();
}
