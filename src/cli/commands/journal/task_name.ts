/** What `journal` can be told to do, as it is written. */
export const TASK_NAMES = ["check", "compact", "prune", "export"] as const;
