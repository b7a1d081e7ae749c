/** The keys of tags in comments that are kept where the configuration says nothing: those that name code, not data. */
export const DEFAULT_TAGS: readonly string[] = [
  "controller",
  "action",
  "job",
  "route",
  "application",
  "method",
];
