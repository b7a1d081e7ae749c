import {
  filePath,
  object,
  oneOrMore,
  optional,
  required,
  scalar,
  textOr,
  type ValueOf,
  variableName,
} from "../yaml/mod.ts";
import { quoted } from "../text/nearest.ts";
import { secretFile } from "./notify_keys.ts";

/** Where the program listens. */
export interface ListenAddress {
  /** An IP address, without brackets. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

const EXAMPLE = "an address such as 127.0.0.1:9180, [::1]:9180 or localhost:9180";

/** A host and a port; only `localhost` is a name, since names may come to mean another address. */
export const listenAddress = scalar<ListenAddress>(
  EXAMPLE,
  { type: "string", pattern: "^[^\\s/]+:\\d{1,5}$" },
  (text, wrong) => {
    const address = addressIn(text);
    if (address !== undefined) return address;
    const host = /^([^:/\s]+):\d{1,5}$/.exec(text)?.[1];
    const advice = host === undefined || /^[\d.]+$/.test(host) ? "" : ", the IP address in place of a name";
    return wrong(`expected ${EXAMPLE}${advice}: ${quoted(text)}`);
  },
  (address) => listenText(address),
);

/** An address as it is written. */
export function listenText({ host, port }: ListenAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function addressIn(text: string): ListenAddress | undefined {
  const [, six, other, digits = ""] = /^(?:\[([0-9A-Fa-f:.]+)\]|([\w.]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === "" || port > 65_535) return undefined;
  if (six !== undefined) {
    return URL.canParse(`http://[${six}]`)
      ? { host: new URL(`http://[${six}]`).hostname.slice(1, -1), port }
      : undefined;
  }
  // A resolver might have another opinion of it.
  if (other?.toLowerCase() === "localhost") return { host: "127.0.0.1", port };
  return isIPv4(other ?? "") ? { host: other!, port } : undefined;
}

function isIPv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
}

/** Whether only this host can reach an address. */
export function isLoopback(host: string): boolean {
  return host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;

/** A name under which browsers and other clients reach the program. */
export const hostName = scalar(
  "a host name without its port",
  { type: "string", pattern: HOST_NAME.source },
  (text, wrong) =>
    HOST_NAME.test(text)
      ? text.toLowerCase()
      : wrong(`expected a host name without its port, such as sniper.example: ${quoted(text)}`),
);

const FILE = "relative to this one";

/** The keys of a server's TLS. */
export const tlsKeys = {
  cert_file: required(
    filePath,
    `The file that holds the certificate and those between it and its root, ${FILE}.`,
  ),
  key_file: required(secretFile, `The file that holds the key, ${FILE}; only its owner may read it.`),
  client_ca_file: optional(
    filePath,
    `The file that holds who issues certificates of clients, ${FILE}: every client needs one then.`,
  ),
};

/** The keys of the HTTP server. */
export const listenKeys = {
  address: required(listenAddress, "Where to listen, such as 127.0.0.1:9180; port 0: any that is free."),
  hosts: optional(
    oneOrMore(hostName),
    "The names under which clients reach it, beside localhost and its IP address.",
  ),
  token_file: optional(
    secretFile,
    `The file that holds the token that clients need, of 16 characters at least, ${FILE}; only its owner may read it.`,
  ),
  token_env: optional(variableName, "The environment variable that holds that token."),
  tls: optional(object(tlsKeys), "Serves HTTPS in place of HTTP."),
};

/** Where and for whom the program listens. */
export const listen = textOr(listenAddress, object(listenKeys));

/** As read. */
export type WrittenListen = ValueOf<typeof listen>;
