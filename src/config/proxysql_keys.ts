import {
  duration,
  filePath,
  itemOrList,
  name,
  object,
  optional,
  preset,
  required,
  scalar,
  size,
  textOr,
  type ValueOf,
  word,
} from "../yaml/mod.ts";
import { quoted } from "../text/nearest.ts";
import { SSL_MODES } from "./level_keys.ts";

/** What a ProxySQL is among others: a core has the configuration, a satellite gets it from the cores. */
export const PROXYSQL_ROLES = ["core", "satellite", "none"] as const;

/** In which format a dump of digests is. */
export const DUMP_FORMATS = ["jsonl", "csv", "parquet"] as const;

/** What a dump counts: since the one before, or since ProxySQL counts. */
export const DUMP_MODES = ["delta", "total"] as const;

/** How many of the servers behind a ProxySQL have to be online, for it to be ready. */
export const BACKENDS = ["any", "none", "all"] as const;

type Address = { readonly host: string; readonly port: number } | { readonly socket: string };

const ADDRESS = "a host with the port of ProxySQL's admin interface, such as 127.0.0.1:6032, or a socket";
const HOST = /^(?:([A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?)|\[([0-9A-Fa-f:.]+)\]):(\d{1,5})$/;

/** Where an admin interface listens: `HOST:PORT`, `[IPV6]:PORT`, or the path of a socket. */
const adminAddress = scalar<Address>(
  ADDRESS,
  { type: "string", minLength: 1 },
  (text, wrong) => {
    if (/^\/[^\p{C}]+$/u.test(text)) return { socket: text };
    const [, name, ip, digits] = HOST.exec(text) ?? [];
    const port = Number(digits);
    const host = name ?? ip;
    return host !== undefined && port >= 1 && port <= 65535
      ? { host, port }
      : wrong(`expected ${ADDRESS}: ${quoted(text)}`);
  },
  addressText,
);

/** An address as a configuration has it. */
export function addressText(address: Address): string {
  if ("socket" in address) return address.socket;
  return `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}

const trueOrFalse = scalar<boolean>(
  '"true" or "false"',
  { type: "boolean" },
  (text, wrong) =>
    text === "true" || text === "false"
      ? text === "true"
      : wrong(`expected "true" or "false": ${quoted(text)}`),
);

/** The keys of the dump of digests. */
export const dumpKeys = {
  folder: optional(filePath, "Where dumps are written, relative to this file. Omitted: standard output."),
  format: preset(word(DUMP_FORMATS), "jsonl", "{default} (default): JSON Lines; csv: RFC 4180; parquet."),
  mode: preset(
    word(DUMP_MODES),
    "delta",
    "{default} (default): what came since the dump before; total: since ProxySQL counts.",
  ),
  keep: preset(
    duration({ min: "1h", max: "3650d" }),
    "7d",
    "Dumps in the folder that are older are deleted after the next one.",
  ),
  max_size: preset(
    size({ min: "1MiB", max: "1024GiB" }),
    "1GiB",
    "The oldest dumps in the folder are deleted where all of them are larger.",
  ),
  text: preset(word(["digest", "off"] as const), "digest", "Whether dumps have the texts of digests."),
  comments: preset(
    word(["tags", "off"] as const),
    "tags",
    "{default} (default): of comments only `tags` are kept; off: nothing.",
  ),
  purge: preset(
    textOr(
      word(["never"] as const),
      object({
        memory: required(
          size({ min: "1MiB", max: "1024GiB" }),
          "After a dump on disk, ProxySQL's digests are emptied if they take as much memory.",
        ),
      }),
    ),
    "never",
    "{default} (default): ProxySQL's digests are never emptied. Or a mapping.",
  ),
};

/** The keys of a drain. */
export const drainKeys = {
  file: preset(
    filePath,
    "draining",
    "It exists while ProxySQL drains; default {default} in $STATE_DIRECTORY, else beside this file.",
  ),
  delay: preset(
    duration({ min: "0s", max: "5m" }),
    "0s",
    "How long ProxySQL is not ready before it takes no new connections.",
  ),
  timeout: preset(duration({ min: "1s", max: "1h" }), "30s", "How long to wait for sessions to end."),
  close_idle: preset(
    duration({ min: "100ms", max: "10m" }),
    "1s",
    "A session that is idle for so long, and in no transaction, is closed.",
  ),
  shutdown: preset(trueOrFalse, "false", "Whether ProxySQL is shut down at the end."),
};

/** The keys of its readiness. */
export const readyKeys = {
  backends: preset(
    word(BACKENDS),
    "any",
    "{default} (default): a hostgroup with users has a server online; all: each has one; none: nobody looks.",
  ),
};

/** The keys of a ProxySQL. */
export const proxysqlKeys = {
  name: preset(
    name,
    "proxysql",
    "What it is called: by databases behind it, in events and in the credentials.",
  ),
  address: required(adminAddress, "Its admin interface: HOST:PORT, or a socket. Never its port for clients."),
  ssl_mode: preset(word(SSL_MODES), "preferred", "When and how the connection is encrypted."),
  ssl_ca: optional(filePath, "A file of the authorities by which its certificate is checked (PEM)."),
  role: preset(
    word(PROXYSQL_ROLES),
    "none",
    "core: others get their configuration from it; satellite: it gets its own from the cores; {default} (default).",
  ),
  timeout: preset(
    duration({ min: "100ms", max: "1m" }),
    "3s",
    "For one statement; after it the connection is given up.",
  ),
  digests: optional(object(dumpKeys), "The dump of its digests."),
  drain: optional(object(drainKeys), "How it is drained."),
  http: optional(object({ ready: optional(object(readyKeys), "When it is ready.") }), "What is told of it."),
};

const one = object(proxysqlKeys, { instead: "such as { address: 127.0.0.1:6032 }" });

/** A ProxySQL, or several. */
export const proxysql = itemOrList(one);

/** A ProxySQL as read. */
export type WrittenProxysql = ValueOf<typeof one>;
