import { list, type NameRule, object, optional, orOff, type Read, record, required } from "./kind.ts";
import {
  duration,
  expression,
  host,
  integer,
  name,
  quantity,
  secretText,
  share,
  tableName,
  text,
  variableName,
  word,
} from "./scalar.ts";

/** What a policy does with the sessions that it selects. */
export const ACTIONS = ["log", "kill query", "kill connection"] as const;
/** Which of the selected sessions come first. */
export const VICTIM_ORDERS = ["oldest", "newest", "most-blocking"] as const;
/** Whether kills are made, or only decided and logged. */
export const MODES = ["dry-run", "enforce"] as const;
/** MySQL's own names (`--ssl-mode`). */
export const SSL_MODES = ["disabled", "preferred", "required", "verify-ca", "verify-identity"] as const;

const policyKeys = {
  description: optional(text),
  mode: optional(word(MODES)),
  when: optional(expression),
  until: optional(expression),
  for: optional(duration({ min: "0s", max: "7d" })),
  where: optional(expression),
  then: optional(word(ACTIONS)),
  escalate: optional(duration({ min: "1s", max: "1h" })),
  share: optional(share),
  rollback: optional(word(["any"] as const)),
  settle: optional(duration({ min: "0s", max: "1d" })),
  give_up_after: optional(integer({ min: 1, max: 1000 })),
  victims: optional(object({
    order: optional(word(VICTIM_ORDERS)),
    limit: optional(integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
  })),
};

/** A policy at the top of the file: complete, but for what has a default. */
const policy = object({
  name: required(name),
  ...policyKeys,
  where: required(expression),
  then: required(word(ACTIONS)),
});

/** What is named in expressions as well, whose names have no upper case and no hyphens. */
function nameRule(what: string): NameRule {
  return {
    pattern: /^[a-z_][a-z0-9_]{0,63}$/,
    rule: `a ${what} is named in lower case letters, digits and underscores`,
  };
}

/** The keys that every level has: what is set lower down wins. */
const levelKeys = {
  mode: optional(word(MODES)),
  interval: optional(duration({ min: "100ms", max: "1h" })),
  limits: optional(record(quantity, nameRule("limit"))),
  budget: optional(object({
    kills: optional(integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
    per: optional(duration({ min: "1s", max: "7d" })),
    share: optional(share),
  })),
  lease: optional(word(["on", "off"] as const)),
  verify: optional(duration({ min: "100ms", max: "15s" })),
  grace: optional(duration({ min: "0s", max: "1h" })),
  heartbeat: optional(tableName),
  metrics: optional(record(
    object({ sql: required(text), every: optional(duration({ min: "1s", max: "1h" })) }),
    nameRule("metric"),
  )),
  protect: optional(list(expression)),
  ssl_mode: optional(word(SSL_MODES)),
  ssl_ca: optional(text),
  ssl_cert: optional(text),
  ssl_key: optional(text),
};

const lowerLevelKeys = { ...levelKeys, policies: optional(record(orOff(object(policyKeys)))) };

/** The main file. */
export const configFile = object({
  ...levelKeys,
  credentials: optional(text),
  journal: optional(text),
  policies: optional(list(policy)),
  groups: optional(record(object(lowerLevelKeys))),
  databases: required(list(
    object({
      name: required(name),
      host: optional(host),
      port: optional(integer({ min: 1, max: 65535 })),
      socket: optional(text),
      group: optional(name),
      source: optional(name),
      ...lowerLevelKeys,
    }),
    { min: 1 },
  )),
});

const account = object({
  user: required(text),
  password: optional(secretText),
  password_env: optional(variableName),
  password_file: optional(text),
});

/** The credentials file. */
export const credentialsFile = object({
  default: optional(account),
  databases: optional(record(account)),
});

/** The main file as it was read, before the levels are laid over each other. */
export type ConfigFile = Read<typeof configFile>;
/** One group of the main file. */
export type GroupLevel = Read<typeof lowerGroup>;
/** One database of the main file. */
export type DatabaseLevel = NonNullable<NonNullable<ConfigFile["databases"]>[number]>;
/** An account of the credentials file. */
export type AccountEntry = Read<typeof account>;
/** What a policy is written as at any level. */
export type PolicyKeys = Read<typeof policyShape>;

const lowerGroup = object(lowerLevelKeys);
const policyShape = object(policyKeys);
