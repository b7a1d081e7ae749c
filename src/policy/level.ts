/** How much something matters, from the least on. */
export const LEVELS = ["debug", "info", "warning", "error"] as const;

/** How much something matters. */
export type Level = typeof LEVELS[number];
