import { metricKeys } from "./level_keys.ts";
import { policyKeys, victimKeys } from "./policy_keys.ts";
import { databaseKeys, evidenceKeys, journalKeys, logKeys, mainKeys } from "./schema.ts";

/** The defaults of the keys that are not merged from levels. */
export const DEFAULTS = {
  credentials: mainKeys.credentials.default,
  journal: {
    file: journalKeys.file.default,
    keep: journalKeys.keep.default,
    maxSize: journalKeys.max_size.default,
  },
  evidence: { keep: evidenceKeys.keep.default, folder: evidenceKeys.folder.default },
  port: databaseKeys.port.default,
  for: policyKeys.for.default,
  giveUpAfter: policyKeys.give_up_after.default,
  order: victimKeys.order.default,
  metricEvery: metricKeys.every.default,
  sql: logKeys.sql.default,
  tags: mainKeys.tags.default.filter((tag) => tag !== undefined),
  /** A limit that exists without being defined. */
  rollbackRows: 100_000,
};
