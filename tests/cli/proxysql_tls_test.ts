// What the agent of a ProxySQL serves by TLS, with the keys that `listen.tls` has, too.

import { assertEquals, assertMatch } from "@std/assert";
import { Folder } from "../config/folder.ts";
import {
  AUTHORITY,
  CERTIFICATE,
  CLIENT_CERTIFICATE,
  CLIENT_KEY,
  KEY,
  OTHER_AUTHORITY,
  OTHER_CERTIFICATE,
  OTHER_KEY,
} from "../http/server/certificates.ts";
import type { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { waitFor } from "../lab/wait_for.ts";
import { namedBinary, runProgram } from "../program.ts";
import { CREDENTIALS, started } from "./proxysql.ts";
import { configOf, RunningAgent } from "./running_agent.ts";

const TOKEN = "0123456789abcdef";

async function folderOf(): Promise<Folder> {
  return await Folder.make({
    ...{ "credentials.yaml": CREDENTIALS, "cert.pem": CERTIFICATE, "key.pem": KEY, "http-token": TOKEN },
    "clients.pem": AUTHORITY,
  });
}

/** An address of this host; the same again after a reload. */
function freeAddress(): string {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  return `127.0.0.1:${listener.addr.port}`;
}

/** How a request is answered; undefined where the certificate is another one's, or it is let in by none. */
async function ask(
  { port }: RunningAgent,
  path: string,
  { authority = AUTHORITY, token, client: shown = {} }: {
    readonly authority?: string;
    readonly token?: string;
    readonly client?: { readonly cert?: string; readonly key?: string };
  } = {},
): Promise<number | undefined> {
  using client = Deno.createHttpClient({ caCerts: [authority], ...shown as { cert: string; key: string } });
  const headers: HeadersInit = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`https://localhost:${port}${path}`, { client, headers }).catch(() =>
    undefined
  );
  await response?.body?.cancel();
  return response?.status;
}

/** An older runtime says so, rather than to serve what it cannot keep. */
async function isRefusedByBinary(proxy: ProxysqlStandIn, more: string): Promise<boolean> {
  if (namedBinary() === undefined) return false;
  await using folder = await folderOf();
  await Deno.writeTextFile(folder.file("query-sniper.yaml"), configOf(proxy, more));
  const { code, stderr } = await runProgram(["proxysql", "run"], { cwd: folder.path });
  assertEquals(code, 1);
  assertMatch(stderr, /this runtime, Deno 2\.4\.\d+, keeps/);
  return true;
}

Deno.test("the agent serves by TLS with a token, and takes renewed certificates at a reload", async () => {
  await using proxy = await started();
  const tls = "token_file: http-token, tls: { cert_file: cert.pem, key_file: key.pem }";
  const more = `http: { listen: "${freeAddress()}", ${tls} }`;
  if (await isRefusedByBinary(proxy, more)) return;
  await using agent = await RunningAgent.start(proxy, more, { folder: await folderOf() });
  const { folder, program } = agent;
  const [told] = agent.events("http");
  assertEquals([told!["tls"], told!["access"]], [true, "token"]);
  assertEquals(await ask(agent, "/v1/status", { token: TOKEN }), 200);
  await waitFor("the first look", async () => await ask(agent, "/healthz/started") === 200);
  assertEquals(await ask(agent, "/v1/status"), 401);
  assertEquals(await ask(agent, "/v1/status", { token: TOKEN, authority: OTHER_AUTHORITY }), undefined);
  assertEquals(await fetch(`http://localhost:${agent.port}/healthz/live`).catch(() => "closed"), "closed");

  await Deno.writeTextFile(folder.file("cert.pem"), OTHER_CERTIFICATE);
  program.signal("SIGHUP");
  const { problems } = await program.event(
    "the refusal",
    ({ event, state }) => event === "config" && state === "refused",
  );
  assertMatch(String(problems), /proxysql\.http\.tls\.key_file: this is not the key of the certificate/);
  assertEquals(await ask(agent, "/healthz/started"), 200);

  await Deno.writeTextFile(folder.file("key.pem"), OTHER_KEY);
  program.signal("SIGHUP");
  await program.event("the reload", ({ event, state }) => event === "config" && state === "reloaded");
  const status = { token: TOKEN, authority: OTHER_AUTHORITY };
  assertEquals([await ask(agent, "/v1/status", status), await ask(agent, "/healthz/started")], [
    200,
    undefined,
  ]);
  assertEquals(agent.events("http").map(({ state, tls }) => [state, tls]), [
    ["listening", true],
    ["listening", true],
  ]);
  const { code, stderr } = await program.stop("SIGINT");
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("the agent lets in only clients with a certificate where it is told by whom these are issued", async () => {
  await using proxy = await started();
  const tls = "tls: { cert_file: cert.pem, key_file: key.pem, client_ca_file: clients.pem }";
  const more = `http: { listen: "127.0.0.1:0", ${tls} }`;
  if (await isRefusedByBinary(proxy, more)) return;
  await using agent = await RunningAgent.start(proxy, more, { folder: await folderOf() });
  assertEquals(agent.events("http").map(({ access }) => access), ["certificate"]);
  const client = { cert: CLIENT_CERTIFICATE, key: CLIENT_KEY };
  assertEquals([await ask(agent, "/v1/status", { client }), await ask(agent, "/v1/status")], [
    200,
    undefined,
  ]);
});
