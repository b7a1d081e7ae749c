// `run` serves over HTTP where it is told to: from its start over reloads to its end. Without any database server.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Folder } from "../config/folder.ts";
import {
  AUTHORITY,
  CERTIFICATE,
  KEY,
  OTHER_AUTHORITY,
  OTHER_CERTIFICATE,
  OTHER_KEY,
} from "../http/server/certificates.ts";
import { request, sendRaw } from "../http/server/fixture.ts";
import { type LoggedEvent, namedBinary, type RunningProgram, runProgram, startProgram } from "../program.ts";

const TOKEN = "0123456789abcdef";
const REST = "databases: [{ name: nobody, host: 127.0.0.1, port: 1 }]\n";

function files(listen: string) {
  return {
    "query-sniper.yaml": `${listen}\n${REST}`,
    "credentials.yaml": "default: { user: sniper, password: x }\n",
    "http-token": TOKEN,
  };
}

const RUN = ["run", "--log-format", "json"];

/** Waits for the nth time that it listens; returns the port. */
async function portOf(program: RunningProgram, times = 1): Promise<number> {
  let seen = 0;
  const listening = (event: LoggedEvent) => event.event === "http" && event["state"] === "listening";
  const { address } = await program.event("the address", (event) => {
    if (event.event === "start") seen = 0;
    return listening(event) && ++seen === times;
  });
  return Number(String(address).split(":").at(-1));
}

async function ask(port: number, headers: readonly string[] = [], path = "/login") {
  return (await sendRaw(port, request(`GET ${path}`, headers), { settle: 50 })).status;
}

/** Writes the configuration anew and has it read. */
async function reload(program: RunningProgram, folder: Folder, listen: string): Promise<void> {
  await Deno.writeTextFile(folder.file("query-sniper.yaml"), `${listen}\n${REST}`);
  program.signal("SIGHUP");
}

Deno.test("run listens where it is told to, says so, and stops without delay", async () => {
  await using folder = await Folder.make(files("listen: 127.0.0.1:0"));
  await using program = startProgram(RUN, { cwd: folder.path });
  const port = await portOf(program);
  const told = await program.event("the event", ({ event }) => event === "http");
  assertEquals([told["access"], told["tls"], told["connections"]], ["open", false, 64]);
  // An older runtime, such as the one of binaries in tests, says what it cannot keep.
  assertEquals([told["level"], "caveat" in told], namedBinary() ? ["warning", true] : ["info", false]);
  assertEquals(await ask(port), 200);
  const hostile: readonly (readonly [status: number, bytes: string])[] = [
    [421, request("GET /", ["Host: evil.example"])],
    [400, request("GET /", ["Host: localhost", "Host: evil.example"])],
    [415, request("POST /login", ["Content-Type: text/plain", "Content-Length: 2"], "{}")],
    [
      403,
      request("POST /login", [
        "Content-Type: application/json",
        "Origin: http://evil.example",
        "Content-Length: 2",
      ], "{}"),
    ],
    [413, request("POST /login", ["Content-Type: application/json", "Content-Length: 9999"], "{")],
    [400, request("POST /login", ["Content-Type: application/json", "Content-Length: 1"], "{")],
    [405, request("TRACE /")],
    [414, request(`GET /${"a".repeat(3_000)}`)],
    [431, request("GET /", Array.from({ length: 80 }, (_, index) => `X-${index}: 1`))],
    [400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"],
  ];
  for (const [status, bytes] of hostile) assertEquals((await sendRaw(port, bytes)).status, status, bytes);
  // A client that says nothing does not hold up the end.
  const silent = sendRaw(port, "", { patience: 5_000 });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const began = performance.now();
  const { code, stderr } = await program.stop();
  assert(performance.now() - began < 2_500);
  assertEquals([code, stderr], [0, ""]);
  assert((await silent).closedAfter !== undefined);
});

Deno.test("who sends more than is taken, or no token, sees why it is refused, however much that was", async () => {
  await using folder = await Folder.make(files("listen: { address: 127.0.0.1:0, token_file: http-token }"));
  await using program = startProgram(RUN, { cwd: folder.path });
  const port = await portOf(program);
  const sent = async (size: number, token: string): Promise<number> => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    const body = "x".repeat(size);
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/pause`, { method: "POST", headers, body });
    assertMatch(await response.text(), /error/);
    return response.status;
  };
  for (let count = 0; count < 5; count++) {
    assertEquals([await sent(2_000_000, TOKEN), await sent(2_000_000, "wrong"), await sent(4_000, "wrong")], [
      ...[413, 413, 401],
    ]);
  }
  assertEquals((await program.stop()).code, 0);
});

Deno.test("run ends in words and with exit code 1 where it cannot listen; once never listens", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  await using folder = await Folder.make(files(`listen: 127.0.0.1:${port}`));
  const result = await runProgram(RUN, { cwd: folder.path });
  assertEquals(result, {
    code: 1,
    stdout: "",
    stderr:
      `query-sniper: cannot listen on 127.0.0.1:${port}: another program listens there: choose another port, ` +
      "or end that program\n",
  });
  const once = await runProgram(["once", "--log-format", "json", "--max-time", "1s"], { cwd: folder.path });
  assertMatch(once.stdout, /"event":"unreachable"/);
  assert(!once.stdout.includes('"event":"http"') && once.stderr === "", once.stdout + once.stderr);
});

Deno.test("run does not listen where databases would lack file handles for it", async () => {
  await using folder = await Folder.make(files("listen: 127.0.0.1:0"));
  const { code, stdout, stderr } = await runProgram(RUN, { cwd: folder.path, files: 64 });
  assertEquals([code, stdout], [1, ""]);
  assertMatch(
    stderr,
    /^query-sniper: cannot listen on 127\.0\.0\.1:0: databases need the file handles: \d+ more are needed, raise the limit \(ulimit -n, LimitNOFILE\)\n$/m,
  );
});

Deno.test("run listens beyond this host with TLS and a token, where the runtime keeps what that needs", async () => {
  const listen =
    "listen: { address: 0.0.0.0:0, token_file: http-token, tls: { cert_file: cert.pem, key_file: key.pem } }";
  await using folder = await Folder.make({ ...files(listen), "cert.pem": CERTIFICATE, "key.pem": KEY });
  if (namedBinary() !== undefined) {
    const { code, stderr } = await runProgram(RUN, { cwd: folder.path });
    assertEquals(code, 1);
    return assertMatch(
      stderr,
      /^query-sniper: cannot listen on 0\.0\.0\.0:0: this runtime, Deno 2\.4\.\d+, keeps no limits/,
    );
  }
  await using program = startProgram(RUN, { cwd: folder.path });
  const port = await portOf(program);
  assertEquals(await certified(port, AUTHORITY), 200);
  assertEquals((await sendRaw(port, request("GET /login"))).status, "closed");
});

Deno.test("run does not listen beyond this host where the configuration does not make it safe", async () => {
  await using folder = await Folder.make(files("listen: 0.0.0.0:0"));
  const { code, stdout, stderr } = await runProgram(RUN, { cwd: folder.path });
  assertEquals([code, stdout], [2, ""]);
  assertMatch(
    stderr,
    /^query-sniper\.yaml:1:9: listen: beyond this host it is served with TLS only, .* are missing/,
  );
});

Deno.test("a reload changes names and the token in place, and the address by a new socket", async () => {
  await using folder = await Folder.make(files("listen: 127.0.0.1:0"));
  await using program = startProgram(RUN, { cwd: folder.path });
  const first = await portOf(program);
  assertEquals(await ask(first, ["Host: sniper.example"]), 421);
  await reload(
    program,
    folder,
    "listen: { address: 127.0.0.1:0, hosts: sniper.example, token_file: http-token }",
  );
  assertEquals(await portOf(program, 2), first);
  assertEquals(await ask(first, ["Host: sniper.example"]), 200);
  assertEquals(await ask(first, [], "/"), 401);
  assertEquals(await ask(first, [`Authorization: Bearer ${TOKEN}`], "/nothing"), 404);
  await Deno.writeTextFile(folder.file("http-token"), "another-token-of-24-char");
  program.signal("SIGHUP");
  assertEquals(await portOf(program, 3), first);
  assertEquals(await ask(first, [`Authorization: Bearer ${TOKEN}`], "/nothing"), 401);
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await reload(program, folder, `listen: 127.0.0.1:${taken.addr.port}`);
  const refused = await program.event(
    "the refusal",
    ({ event, state }) => event === "http" && state === "refused",
  );
  assertEquals([refused["level"], refused["address"]], ["error", `127.0.0.1:${taken.addr.port}`]);
  assertMatch(String(refused["reason"]), /another program listens there/);
  assertEquals(await ask(first, [], "/"), 401, "what was before goes on");
  await reload(program, folder, "listen: '[::1]:0'");
  const second = await portOf(program, 4);
  const six = await sendRaw(second, request("GET /login", ["Host: [::1]"]), { hostname: "::1" });
  assertEquals(six.status, 200);
  assertEquals((await sendRaw(first, request("GET /login"))).status, "closed");
  await reload(program, folder, "");
  await program.event("the end of it", ({ event, state }) => event === "http" && state === "stopped");
  assertEquals((await sendRaw(second, request("GET /login"), { hostname: "::1" })).status, "closed");
  await reload(program, folder, "listen: 127.0.0.1:0");
  assertEquals(await ask(await portOf(program, 5)), 200);
  const { code, stderr } = await program.stop();
  assertEquals([code, stderr], [0, ""]);
});

/** The certificate that a server shows, by the names in it; undefined if there is none. */
async function certified(port: number, authority: string): Promise<number | undefined> {
  using client = Deno.createHttpClient({ caCerts: [authority] });
  const response = await fetch(`https://localhost:${port}/login`, { client }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.status;
}

Deno.test("a reload takes renewed certificates on the same address, and keeps the old ones where they are wrong", async () => {
  const port = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${port.addr.port}`;
  port.close();
  const listen = `listen: { address: "${address}", tls: { cert_file: cert.pem, key_file: key.pem } }`;
  await using folder = await Folder.make({ ...files(listen), "cert.pem": CERTIFICATE, "key.pem": KEY });
  if (namedBinary() !== undefined) {
    // Of an older runtime: it says so, rather than to serve what it cannot keep.
    const { code, stderr } = await runProgram(RUN, { cwd: folder.path });
    assertEquals(code, 1);
    return assertMatch(
      stderr,
      /^query-sniper: cannot listen on 127\.0\.0\.1:\d+: this runtime, Deno 2\.4\.\d+, keeps/,
    );
  }
  await using program = startProgram(RUN, { cwd: folder.path });
  const own = await portOf(program);
  assertEquals([await certified(own, AUTHORITY), await certified(own, OTHER_AUTHORITY)], [200, undefined]);
  await Deno.writeTextFile(folder.file("cert.pem"), OTHER_CERTIFICATE);
  program.signal("SIGHUP");
  const { problems } = await program.event(
    "the refusal",
    ({ event, state }) => event === "config" && state === "refused",
  );
  assertMatch(String(problems), /listen\.tls\.key_file: this is not the key of the certificate/);
  assertEquals(await certified(own, AUTHORITY), 200);
  const silent = sendRaw(own, "", { patience: 5_000 });
  await Deno.writeTextFile(folder.file("key.pem"), OTHER_KEY);
  program.signal("SIGHUP");
  assertEquals(await portOf(program, 2), own);
  assertEquals([await certified(own, AUTHORITY), await certified(own, OTHER_AUTHORITY)], [undefined, 200]);
  assert((await silent).closedAfter !== undefined, "whoever came before has to come again");
  const { code, stderr } = await program.stop();
  assertEquals([code, stderr], [0, ""]);
});
