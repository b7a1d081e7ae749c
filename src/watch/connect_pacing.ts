/** Between the beginnings of two connections of a fleet, in milliseconds: a thousand take five seconds. */
const SPACING = 5;

/**
 * Hands out moments at which to connect, so that a fleet does not connect all at once, at the start or after an
 * outage. A server that does not answer holds up no other.
 */
export class ConnectPacing {
  #next = 0;

  /** How long to wait before connecting, in milliseconds. */
  wait(now: number): number {
    const at = Math.max(now, this.#next);
    this.#next = at + SPACING;
    return at - now;
  }
}
