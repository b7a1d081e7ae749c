/** The time between two connection attempts of a fleet, in milliseconds: a thousand take five seconds. */
const SPACING = 5;

/**
 * Spreads the connection attempts of a fleet, at the start and after an outage, so that they do not all come at
 * once. A server that does not answer does not delay the others.
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
