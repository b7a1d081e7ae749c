/** How events are written; `auto` is pretty on a terminal and JSON Lines elsewhere. */
export const LOG_FORMATS = ["auto", "json", "pretty"] as const;
