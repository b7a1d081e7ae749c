// A real server of http/server/ with a small application behind it, and clients that send it bytes.

import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { connect } from "node:net";
import { systemClock } from "../../../src/clock.ts";
import type { ListenConfig } from "../../../src/config/mod.ts";
import { answerErrors } from "../../../src/http/errors.ts";
import {
  type HttpEnv,
  HttpServer,
  type HttpServerOptions,
  LIMITS,
  type Limits,
} from "../../../src/http/server/mod.ts";

/** Anybody on this host, over HTTP. */
export const OPEN: ListenConfig = {
  address: { host: "127.0.0.1", port: 0 },
  hosts: ["sniper.example"],
  hasTls: false,
  hasToken: false,
  hasClientCertificates: false,
};

/** Requests that got through to the application. */
export type Reached = string[];

/** The application behind the guards. */
export function application(reached: Reached): Hono<{ Bindings: HttpEnv }> {
  const app = new Hono<{ Bindings: HttpEnv }>();
  answerErrors(app as unknown as Hono);
  app.use(async (context, next) => {
    reached.push(`${context.req.method} ${new URL(context.req.url).pathname}`);
    await next();
  });
  app.get("/", (context) => context.text("the page"));
  app.get("/healthz", (context) => context.text("ok"));
  app.get("/readyz", (context) => context.text("because of orders-primary", 503));
  app.get("/metrics", (context) => context.text("x ".repeat(700_000)));
  app.get("/api/v1/who", (context) => context.json(context.env.caller ?? null));
  app.get("/api/v1/fault", () => {
    throw new Error("secret of the inside");
  });
  app.get("/api/v1/teapot", () => {
    throw new HTTPException(418, { message: "This is a teapot" });
  });
  app.post("/api/v1/pause", async (context) => context.json(await context.req.json().catch(() => null)));
  return app;
}

/** A server, and what got through to its application. */
export interface Served extends AsyncDisposable {
  readonly server: HttpServer;
  readonly port: number;
  readonly reached: Reached;
}

/** Serves the application; limits are those of the program unless told. */
export async function served(
  config: Partial<ListenConfig> = {},
  { limits, ...options }: { readonly limits?: Partial<Limits> } & Partial<Omit<HttpServerOptions, "limits">> =
    {},
): Promise<Served> {
  const reached: Reached = [];
  let id = 0;
  const server = await HttpServer.listen({ ...OPEN, ...config }, {
    fetch: application(reached).fetch,
    clock: systemClock,
    newId: () => String(++id),
    limits: { ...LIMITS, ...limits },
    ...options,
  });
  return {
    server,
    port: server.config.address.port,
    reached,
    async [Symbol.asyncDispose]() {
      await server.close();
    },
  };
}

/** What came back. */
export interface RawAnswer {
  /** Of the first answer; `closed` if the connection ended without one, `open` if nothing came. */
  readonly status: number | "closed" | "open";
  /** Everything that came. */
  readonly text: string;
  /** How many answers came. */
  readonly answers: number;
  /** After so many milliseconds the connection was closed by the server; undefined: it was not. */
  readonly closedAfter: number | undefined;
}

/** How long to wait for an answer that may not come, in milliseconds. */
const PATIENCE = 2_000;

/**
 * Sends bytes as they are, and returns what comes back: all of it where the server closes, else what has come shortly
 * after an answer began.
 */
export function sendRaw(
  port: number,
  parts: string | readonly string[],
  { patience = PATIENCE, pause = 50, hostname = "127.0.0.1", settle = 100 } = {},
): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const began = performance.now();
    let text = "";
    let timer = setTimeout(() => end(undefined), patience);
    const socket = connect(port, hostname);
    const end = (closedAfter: number | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(text) ?? [];
      resolve({
        status: status !== undefined ? Number(status) : closedAfter === undefined ? "open" : "closed",
        text,
        answers: text.match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0,
        closedAfter,
      });
    };
    socket.on("data", (chunk: Uint8Array) => {
      text += new TextDecoder("latin1").decode(chunk);
      if (text.includes("\r\n\r\n") && settle < patience) {
        clearTimeout(timer);
        timer = setTimeout(() => end(undefined), settle);
      }
    });
    socket.on("error", () => {});
    socket.on("close", () => end(performance.now() - began));
    socket.on("connect", async () => {
      for (const part of [parts].flat()) {
        if (socket.destroyed) return;
        socket.write(part, "latin1");
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    });
  });
}

/** The lines of a request, with a Host unless there is one. */
export function request(line: string, headers: readonly string[] = [], body = ""): string {
  const host = headers.some((header) => /^host:/i.test(header)) ? [] : ["Host: localhost"];
  return [`${line} HTTP/1.1`, ...host, ...headers, "", body].join("\r\n");
}
