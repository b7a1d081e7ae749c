import type { Secret } from "../text/secret.ts";
import { quoted } from "../text/nearest.ts";
import { isWrong, type Path } from "../yaml/mod.ts";
import type { ListenConfig, ServerTls } from "./config.ts";
import { isLoopback, type ListenAddress, type WrittenListen } from "./listen_keys.ts";
import { readPem } from "./pem_file.ts";
import { readSecret, type SecretReading } from "./secret_source.ts";
import { pairFault } from "./tls_pair.ts";

type Written = Exclude<WrittenListen, { readonly host: string }>;

/** Who is served, and where this is written. */
export interface ServerKeys extends Partial<Omit<Written, "address">> {
  readonly address: ListenAddress | undefined;
}

/** How the keys of a server are read. */
export interface ServerReading {
  /** Of the mapping that has the token and the TLS files. */
  readonly path: Path;
  readonly reading: SecretReading;
}

const PATH = ["listen"];

/** A token that is shorter can be guessed, and a longer one is none. */
const SHORTEST_TOKEN = 16;
const LONGEST_TOKEN = 512;

/** Where and for whom to listen; undefined if nowhere, or if something is wrong, which has been reported. */
export async function readListen(
  written: WrittenListen | undefined,
  reading: SecretReading,
): Promise<ListenConfig | undefined> {
  if (written === undefined) return undefined;
  const keys: Written = "host" in written ? { address: written } : written;
  checkReach(keys, "host" in written ? PATH : [...PATH, "address"], reading);
  return await readServer({ ...keys, address: keys.address }, { path: PATH, reading });
}

/** Reads the secrets of a server; undefined without an address. What is wrong is reported. */
export async function readServer(
  keys: ServerKeys,
  { path, reading }: ServerReading,
): Promise<ListenConfig | undefined> {
  const { address } = keys;
  const tls = await readTls(keys, { path, reading });
  const token = hasToken(keys) ? await readToken(keys, { path, reading }) : undefined;
  if (address === undefined) return undefined;
  return {
    address,
    hosts: (keys.hosts ?? []).filter((name) => name !== undefined),
    ...tls !== undefined && { tls },
    ...token !== undefined && { token },
    hasTls: keys.tls !== undefined,
    hasToken: hasToken(keys),
    hasClientCertificates: keys.tls?.client_ca_file !== undefined,
  };
}

/** Whether who asks needs a token. */
export function hasToken(keys: Partial<ServerKeys>): boolean {
  return Object.hasOwn(keys, "token_file") || Object.hasOwn(keys, "token_env");
}

/** Who reaches it from elsewhere has to show who they are, and what they say is encrypted. */
function checkReach(keys: Written, path: Path, { problems }: SecretReading): void {
  const { address } = keys;
  if (address === undefined || isLoopback(address.host)) return;
  const knows = hasToken(keys) || Object.hasOwn(keys.tls ?? {}, "client_ca_file") || isWrong(keys, "tls");
  const missing = [
    ...Object.hasOwn(keys, "tls") ? [] : ['"tls"'],
    ...knows ? [] : ['one of "token_file", "token_env" and "tls.client_ca_file"'],
  ];
  if (missing.length === 0) return;
  problems.report(
    path,
    `beyond this host it is served with TLS only, and for those who have a token or a certificate: ` +
      `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing: ${quoted(address.host)}`,
  );
}

async function readToken(keys: ServerKeys, { path, reading }: ServerReading): Promise<Secret | undefined> {
  const token = await readSecret(keys, ["token_file", "token_env"], { path, reading });
  if (token === undefined) return undefined;
  const key = Object.hasOwn(keys, "token_file") ? "token_file" : "token_env";
  const fault = tokenFault(token.reveal());
  if (fault === undefined) return token;
  reading.problems.report([...path, key], `${fault}: what it holds is not shown`);
}

function tokenFault(token: string): string | undefined {
  if (!/^[\x21-\x7e]*$/.test(token)) return "a token has letters, digits and signs of ASCII, and no spaces";
  if (token.length < SHORTEST_TOKEN) return `a token has ${SHORTEST_TOKEN} characters at least`;
  return token.length > LONGEST_TOKEN ? `a token has ${LONGEST_TOKEN} characters at most` : undefined;
}

async function readTls(
  { tls }: ServerKeys,
  { path: at, reading }: ServerReading,
): Promise<ServerTls | undefined> {
  if (tls === undefined) return undefined;
  const path = [...at, "tls"];
  const cert = await readPem(tls.cert_file, { path: [...path, "cert_file"], reading });
  const clientCa = await readPem(tls.client_ca_file, { path: [...path, "client_ca_file"], reading });
  const key = tls.key_file === undefined ? undefined : await readSecret(tls, ["key_file"], { path, reading });
  if (cert === undefined || key === undefined) return undefined;
  const wrong = pairFault(cert, key.reveal());
  if (wrong === undefined) return { cert, key, ...clientCa !== undefined && { clientCa } };
  reading.problems.report([...path, `${wrong.of}_file`], `${wrong.fault}: what it holds is not shown`);
}
