/** How much something matters, from the least on; LogTape's names. */
export const LEVELS = ["debug", "info", "warning", "error"] as const;

/** How much something matters. */
export type Level = typeof LEVELS[number];
