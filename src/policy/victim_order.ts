/** The orders in which selected sessions are acted on. */
export const VICTIM_ORDERS = ["oldest", "newest", "most-blocking"] as const;
/** The orders in which selected sessions are acted on. */
export type VictimOrder = typeof VICTIM_ORDERS[number];
