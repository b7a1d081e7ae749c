import type { HttpEvent } from "../../../events/mod.ts";

/** What is served goes on as it was, since its files are wrong now. */
export function unchangedEvent(address: string, problem: string): HttpEvent {
  return { event: "http", state: "refused", address, reason: `${problem}: ${address} is served as before` };
}
