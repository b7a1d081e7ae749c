import type { Hono } from "hono";
import { type AdminConfig, type ListenConfig, listenText, pairFault, tooOpen } from "../../../config/mod.ts";
import { systemClock } from "../../../clock.ts";
import { HttpListener } from "../../../app/mod.ts";
import type { EventStream } from "../../../events/mod.ts";
import { HttpServer, LIMITS } from "../../../http/server/mod.ts";
import { COORDINATOR_SITE, groupPage } from "../../../http/shards/mod.ts";
import { Secret } from "../../../text/secret.ts";
import { readTokens } from "../router/tokens.ts";

/** A list of all slots has a few thousand characters. */
const BODY = 16_384;

/** What listens for the routes of a coordinator, and its page. */
export function listenerOf(app: Hono, stream: EventStream): HttpListener {
  app.route("/", groupPage());
  return new HttpListener({
    stream,
    open: (config) =>
      HttpServer.listen(config, {
        fetch: app.fetch,
        clock: systemClock,
        newId: () => crypto.randomUUID(),
        limits: { ...LIMITS, body: BODY },
        site: COORDINATOR_SITE,
      }),
  });
}

/** Reads the files of tokens and certificates; or says what is wrong with them. */
export async function readAdminFiles(
  { listen, hosts, tokensFile, tls }: AdminConfig,
): Promise<ListenConfig | string> {
  const tokens = tokensFile === undefined ? [] : await readTokens(tokensFile);
  if (typeof tokens === "string") return tokens;
  const [token, ...moreTokens] = tokens;
  const files = tls === undefined ? undefined : await readTls(tls);
  if (typeof files === "string") return `cannot serve TLS on ${listenText(listen)}: ${files}`;
  return {
    address: listen,
    hosts,
    ...token !== undefined && { token, moreTokens },
    ...files !== undefined && { tls: files },
    hasToken: tokensFile !== undefined,
    hasTls: tls !== undefined,
    hasClientCertificates: tls?.clientCaFile !== undefined,
  };
}

async function readTls(
  { certFile, keyFile, clientCaFile }: NonNullable<AdminConfig["tls"]>,
): Promise<NonNullable<ListenConfig["tls"]> | string> {
  try {
    const open = await tooOpen(keyFile);
    if (open !== undefined) return open;
    const [cert, key] = [await Deno.readTextFile(certFile), await Deno.readTextFile(keyFile)];
    const fault = pairFault(cert, key);
    if (fault !== undefined) return `${fault.of}_file: ${fault.fault}`;
    const clientCa = clientCaFile === undefined ? undefined : await Deno.readTextFile(clientCaFile);
    return { cert, key: new Secret(key), ...clientCa !== undefined && { clientCa } };
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound ? "it does not exist" : (error as Error).name;
    return `a file of sharding.admin.tls cannot be read: ${why}`;
  }
}
