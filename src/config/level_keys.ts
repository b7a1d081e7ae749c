import { MODES } from "../policy/mod.ts";
import {
  defaultsOf,
  duration,
  expression,
  filePath,
  integer,
  list,
  metricSql,
  type NameRule,
  object,
  optional,
  preset,
  quantity,
  record,
  required,
  share,
  tableName,
  word,
} from "../yaml/mod.ts";
import { all, each, lowest } from "./merge.ts";

/** MySQL's own names (`--ssl-mode`). */
export const SSL_MODES = ["disabled", "preferred", "required", "verify-ca", "verify-identity"] as const;

/** Names that expressions use too: no upper case, no hyphens. */
function nameRule(what: string): NameRule {
  return {
    pattern: /^[a-z_][a-z0-9_]{0,63}$/,
    rule: `a ${what} is named in lower case letters, digits and underscores`,
  };
}

/** The keys of the budget. */
export const budgetKeys = {
  kills: preset(integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), "30", "How many within `per`."),
  per: preset(duration({ min: "1s", max: "7d" }), "1m", "The sliding window of the budget."),
  share: preset(
    share,
    "20%",
    "Of the running sessions (kill query), or of the connections (kill connection).",
  ),
  at_least: preset(
    integer({ min: 1, max: 10_000 }),
    "5",
    "So many kills a share always allows within `per`, however few sessions there are.",
  ),
};

/** The keys of a metric. */
export const metricKeys = {
  sql: required(metricSql, "A SELECT of one number."),
  every: preset(duration({ min: "1s", max: "1h" }), "10s", "How often it is asked for."),
};

/** The keys that every level has, and how they are merged. */
export const levelKeys = {
  mode: lowest(
    preset(word(MODES), "dry-run", "{default} (default): decide and log, never kill; enforce: kill."),
  ),
  interval: lowest(
    preset(
      duration({ min: "100ms", max: "1h" }),
      "1s",
      "The longest time between two looks at a database.",
    ),
  ),
  limits: each(
    optional(
      record(quantity, nameRule("limit")),
      "Named values, each with its unit, that policies use as limits.NAME.",
    ),
  ),
  budget: each({
    ...optional(
      object(budgetKeys),
      "How many kills there may be at each database. Once spent: decide and log only, until it recovers.",
    ),
    default: defaultsOf(budgetKeys),
  }),
  lease: lowest(
    preset(
      word(["on", "off"] as const),
      "on",
      "{default} (default): only the one program kills on a server that holds a named lock there.",
    ),
  ),
  verify: lowest(
    preset(duration({ min: "100ms", max: "15s" }), "5s", "How long to look for the effect of a kill."),
  ),
  grace: lowest(
    preset(
      duration({ min: "0s", max: "1h" }),
      "10s",
      "Nothing is killed for this long after a reconnect, restart, failover or change of role.",
    ),
  ),
  heartbeat: lowest(
    optional(tableName, "A table with server_id and ts, for the lag, only where nothing better tells it."),
  ),
  metrics: each(
    optional(
      record(object(metricKeys), nameRule("metric")),
      "Numbers from your own SQL, which policies use as metric.NAME.",
    ),
  ),
  protect: all(
    optional(
      list(expression),
      "Sessions that no policy may touch, besides the built-in ones. Levels add up.",
    ),
  ),
  ssl_mode: lowest(
    preset(word(SSL_MODES), "preferred", "When and how the connection is encrypted."),
  ),
  ssl_ca: lowest(
    optional(filePath, "A file of the authorities by which the server's certificate is checked (PEM)."),
  ),
  ssl_cert: lowest(optional(filePath, "A file with this client's certificate (PEM).")),
  ssl_key: lowest(optional(filePath, "A file with the key of that certificate (PEM).")),
};
