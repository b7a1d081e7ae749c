import {
  duration,
  filePath,
  itemOrList,
  name,
  object,
  oneOrMore,
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
import { hostPortIn, hostPortText } from "./host_port.ts";
import { SSL_MODES } from "./level_keys.ts";
import { hostName, listenAddress, tlsKeys } from "./listen_keys.ts";
import { secretFile } from "./notify_keys.ts";
import { plugins } from "./plugin_keys.ts";
import { leader, peers } from "./peers_keys.ts";

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

/** Where an admin interface listens: `HOST:PORT`, `[IPV6]:PORT`, or the path of a socket. */
const adminAddress = scalar<Address>(
  ADDRESS,
  { type: "string", minLength: 1 },
  (text, wrong) => {
    if (/^\/[^\p{C}]+$/u.test(text)) return { socket: text };
    return hostPortIn(text) ?? wrong(`expected ${ADDRESS}: ${quoted(text)}`);
  },
  addressText,
);

/** An address as a configuration has it. */
export function addressText(address: Address): string {
  return "socket" in address ? address.socket : hostPortText(address);
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
  every: optional(
    duration({ min: "10s", max: "7d" }),
    "How often `proxysql run` writes one into the folder; omitted: never by itself.",
  ),
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
  http_get: preset(
    trueOrFalse,
    "false",
    "Whether GET /shutdown drains too, as POST does: for hooks that cannot POST.",
  ),
};

/** The keys of its readiness. */
export const readyKeys = {
  backends: preset(
    word(BACKENDS),
    "any",
    "{default} (default): a hostgroup with users has a server online; all: each has one; none: nobody looks.",
  ),
};

/** The keys of what `proxysql run` serves. */
export const agentHttpKeys = {
  listen: optional(
    listenAddress,
    "Where `proxysql run` listens, such as 127.0.0.1:8080; omitted: nowhere. Port 0: any that is free.",
  ),
  hosts: optional(
    oneOrMore(hostName),
    "The names under which clients reach it, beside localhost and IP addresses.",
  ),
  token_file: optional(
    secretFile,
    "The file that holds the token that clients need for all but /healthz, of 16 characters at least; only its owner may read it.",
  ),
  tls: optional(object(tlsKeys), "Serves HTTPS in place of HTTP."),
  ready: optional(object(readyKeys), "When it is ready."),
};

/** When a core's configuration is loaded from its file by itself, so that the others copy it. */
export const STAMPS = ["never", "start"] as const;

/** The keys of a stamp. */
export const stampKeys = {
  at: preset(
    word(STAMPS),
    "never",
    "{default} (default): only when it is told to; start: once ProxySQL has started, by the leader.",
  ),
  prune: preset(
    trueOrFalse,
    "false",
    "Whether servers (mysql_servers) that are not in the file are removed; loading a file removes nothing.",
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
  peers: optional(peers, "Where it is told which cores there are. A core needs it."),
  leader: optional(
    leader,
    "Which agent of the cores may write: kubernetes, always, never, or a mapping. Omitted: kubernetes where the cores are pods, else never.",
  ),
  timeout: preset(
    duration({ min: "100ms", max: "1m" }),
    "3s",
    "For one statement; after it the connection is given up.",
  ),
  interval: preset(duration({ min: "1s", max: "5m" }), "10s", "How often the agent looks at it."),
  missing_after: preset(
    duration({ min: "3s", max: "1h" }),
    "30s",
    "A core that has answered, and has been silent for longer, is missing.",
  ),
  stamp: preset(
    textOr(word(STAMPS), object(stampKeys)),
    "never",
    "Whether a core's configuration is loaded from its file at its start: {default} (default), start, or a mapping.",
  ),
  digests: optional(object(dumpKeys), "The dump of its digests."),
  drain: optional(object(drainKeys), "How it is drained."),
  http: optional(object(agentHttpKeys), "What is told of it, and to whom."),
  plugins: optional(plugins, "What is added to its health and its dumps, and is told of events."),
};

const one = object(proxysqlKeys, { instead: "such as { address: 127.0.0.1:6032 }" });

/** A ProxySQL, or several. */
export const proxysql = itemOrList(one);

/** A ProxySQL as read. */
export type WrittenProxysql = ValueOf<typeof one>;
