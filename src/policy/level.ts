/** Severities, lowest first. */
export const LEVELS = ["debug", "info", "warning", "error"] as const;

/** How severe an event is. */
export type Level = typeof LEVELS[number];
