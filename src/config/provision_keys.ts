import { quoted } from "../text/nearest.ts";
import { duration, filePath, object, oneOrMore, optional, preset, scalar, word } from "../yaml/mod.ts";
import { hostName, isLoopback, listenAddress, tlsKeys } from "./listen_keys.ts";
import { secretFile } from "./notify_keys.ts";

/** When a server that was made for the group is given back. */
export const DESTROYS = ["never", "when-drained"] as const;

const SERVICE = "an address such as https://servers.example/shards; http:// for this host only";

/**
 * A service that makes servers. Its token goes with each request: in the clear only within this host. A query may be a
 * secret, and a name with a password is one.
 */
const service = scalar(
  SERVICE,
  { type: "string", pattern: "^https?://" },
  (text, wrong) =>
    isService(text) ? text : wrong(`expected ${SERVICE}: found something else, which is not shown`),
);

function isService(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  if (`${username}${password}${search}${hash}` !== "") return false;
  const host = hostname.replace(/^\[|\]$/g, "");
  return protocol === "https:" || (protocol === "http:" && (host === "localhost" || isLoopback(host)));
}

const absolute = scalar(
  "the whole path of a program",
  { type: "string", pattern: "^/" },
  (text, wrong) =>
    text.startsWith("/") ? text : wrong(`expected the whole path of a program: ${quoted(text)}`),
);

/** The keys by which new servers are made. */
export const provisionKeys = {
  http: optional(
    service,
    "A service that makes servers: it is sent JSON by POST, again and again until one is ready.",
  ),
  token_file: optional(
    secretFile,
    "The file that holds the token that this service needs; only its owner may read it.",
  ),
  ca_file: optional(
    filePath,
    "The file that holds who issued the certificate of this service; omitted: the usual ones.",
  ),
  exec: optional(
    absolute,
    "A program that makes servers, by JSON in and out; only where this program may run it.",
  ),
  timeout: preset(
    duration({ min: "1s", max: "1d" }),
    "10m",
    "How long it may take until a new server is ready; default {default}.",
  ),
  destroy: preset(
    word(DESTROYS),
    "never",
    "when-drained: a server that was made for the group is given back once it is drained, or was never used; default {default}.",
  ),
};

/** How new servers are made. */
export const provision = object(provisionKeys, { either: ["http", "exec"] });

/** The keys of the coordinator's HTTP. */
export const adminKeys = {
  listen: preset(
    listenAddress,
    "127.0.0.1:9090",
    "Where `coordinator` is asked and told, in `run` too where this is written; default {default}.",
  ),
  hosts: optional(
    oneOrMore(hostName),
    "The names under which clients reach it, beside localhost and its IP address.",
  ),
  tokens_file: optional(
    filePath,
    "The file with the tokens of those who may ask and tell, one a line; without it, whoever is on this host.",
  ),
  tls: optional(object(tlsKeys), "Serves HTTPS in place of HTTP."),
};

/** Where the coordinator is asked and told. */
export const admin = object(adminKeys);
