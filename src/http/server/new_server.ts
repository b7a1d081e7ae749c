import { createServer, type Server, type ServerOptions } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { ListenConfig } from "../../config/mod.ts";
import type { Limits } from "./limits.ts";

/** A server of Node with these limits, as far as its runtime keeps them. */
export function newServer({ tls }: Pick<ListenConfig, "tls">, limits: Limits): Server {
  const options: ServerOptions = {
    maxHeaderSize: limits.headBytes,
    headersTimeout: limits.head,
    requestTimeout: limits.head + limits.bodyTime,
    keepAliveTimeout: limits.rest,
    connectionsCheckingInterval: 1_000,
    requireHostHeader: false,
  };
  const server = tls === undefined ? createServer(options) : createTlsServer({
    ...options,
    cert: tls.cert,
    key: tls.key.reveal(),
    minVersion: "TLSv1.2",
    ALPNProtocols: ["http/1.1"],
    handshakeTimeout: limits.handshake,
    ...tls.clientCa !== undefined && { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true },
  });
  server.maxConnections = limits.connections;
  // One more than is served, so that more are seen: the parser leaves the rest out.
  server.maxHeadersCount = limits.headers + 1;
  return server;
}
