import {
  duration,
  either,
  integer,
  list,
  name,
  object,
  optional,
  quantity,
  type Read,
  record,
  required,
  secretText,
  text,
  word,
} from "./kind.ts";

/** What a policy does with the sessions that it selects. */
export const ACTIONS = ["log", "kill query", "kill connection"] as const;
/** Which of the selected sessions come first. */
export const VICTIM_ORDERS = ["oldest", "newest"] as const;
/** Whether kills are made, or only decided and logged. */
export const MODES = ["dry-run", "enforce"] as const;
/** MySQL's own names (`--ssl-mode`). */
export const SSL_MODES = ["disabled", "preferred", "required", "verify-ca", "verify-identity"] as const;

const policyKeys = {
  description: optional(text),
  mode: optional(word(MODES)),
  when: optional(text),
  for: optional(duration({ min: "0s" })),
  where: optional(text),
  then: optional(word(ACTIONS)),
  victims: optional(object({
    order: optional(word(VICTIM_ORDERS)),
    limit: optional(integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
  })),
};

/** A policy at the top of the file: complete, but for what has a default. */
const policy = object({
  name: required(name),
  ...policyKeys,
  where: required(text),
  then: required(word(ACTIONS)),
});

const override = either(
  word(["off", "false"] as const),
  object(policyKeys),
  (value) => typeof value === "string",
);

/** The keys that every level has: what is set lower down wins. */
const levelKeys = {
  mode: optional(word(MODES)),
  interval: optional(duration({ min: "100ms" })),
  limits: optional(record(quantity)),
  budget: optional(object({
    kills: optional(integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
    per: optional(duration({ min: "1s" })),
  })),
  protect: optional(list(text)),
  ssl_mode: optional(word(SSL_MODES)),
  ssl_ca: optional(text),
  ssl_cert: optional(text),
  ssl_key: optional(text),
};

const lowerLevelKeys = { ...levelKeys, policies: optional(record(override)) };

/** The main file. */
export const configFile = object({
  ...levelKeys,
  credentials: optional(text),
  policies: optional(list(policy)),
  groups: optional(record(object(lowerLevelKeys))),
  databases: required(list(
    object({
      name: required(name),
      host: optional(text),
      port: optional(integer({ min: 1, max: 65535 })),
      socket: optional(text),
      group: optional(name),
      ...lowerLevelKeys,
    }),
    { min: 1 },
  )),
});

const account = object({
  user: required(text),
  password: optional(secretText),
  password_env: optional(text),
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
