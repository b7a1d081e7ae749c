/** Which of the selected sessions come first. */
export const VICTIM_ORDERS = ["oldest", "newest", "most-blocking"] as const;
/** Which of the selected sessions come first. */
export type VictimOrder = typeof VICTIM_ORDERS[number];
