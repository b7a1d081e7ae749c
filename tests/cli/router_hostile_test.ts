// The router as a program of its own, whatever its runtime keeps of limits: nothing that a client sends ends it.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { connect } from "node:net";
import { request, sendRaw } from "../http/server/fixture.ts";
import { waitFor } from "../lab/wait_for.ts";
import { startProgram } from "../program.ts";
import { writeGroup } from "../shards/write_group.ts";

/** Nothing listens where the statements should go. */
const ENDPOINT = [
  "databases: [{ name: behind, host: 127.0.0.1, port: 1 }]",
  "sharding:",
  "  engine: endpoint",
  "  endpoint: behind",
  "  schema: shop",
  '  router: { listen: "127.0.0.1:0" }',
].join("\n");

const ACCOUNT = { user: "u", password: "p" };
const TYPE = "Content-Type: application/json";
const HEALTH = request("GET /health");

async function addressOf(
  command: "router" | "run",
  program: ReturnType<typeof startProgram>,
): Promise<number> {
  if (command === "router") {
    return Number(
      /:(\d+),/.exec(await program.line("the address", (line) => line.startsWith("router: ")))![1],
    );
  }
  const { address } = await program.event("the address", ({ event }) => event === "http");
  return Number(String(address).split(":")[1]);
}

Deno.test("what can be read in two ways ends its connection, and a head that is too long is refused", async () => {
  await using config = await writeGroup(ENDPOINT, ACCOUNT);
  await using program = startProgram(["router", "-c", config.file]);
  const port = await addressOf("router", program);
  const rows: readonly (readonly [what: string, refused: RegExp, bytes: string])[] = [
    [
      "a length, then chunks",
      /^HTTP\/1\.1 4/,
      request("POST /query", [TYPE, "Content-Length: 5", "Transfer-Encoding: chunked"], `0\r\n\r\n${HEALTH}`),
    ],
    [
      "chunks, then a length",
      /^HTTP\/1\.1 4/,
      request("POST /query", [TYPE, "Transfer-Encoding: chunked", "Content-Length: 5"], `0\r\n\r\n${HEALTH}`),
    ],
    ["two hosts", /^HTTP\/1\.1 4/, request("GET /health", ["Host: localhost", "Host: localhost"])],
    ["a head of 70 KB", /^HTTP\/1\.1 431/, request("GET /health", [`X: ${"x".repeat(70_000)}`])],
    [
      "65 headers",
      /^HTTP\/1\.1 431/,
      request("GET /health", Array.from({ length: 65 }, (_, at) => `X-${at}: 1`)),
    ],
  ];
  for (const [what, refused, bytes] of rows) {
    const answer = await sendRaw(port, bytes, { settle: 2_500, patience: 5_000 });
    assertMatch(answer.text, refused, what);
    assertEquals([answer.answers, answer.closedAfter !== undefined], [1, true], what);
  }
  const expecting = ["Expect: 100-continue", "Content-Type: text/plain", "Content-Length: 20"];
  assertMatch((await sendRaw(port, request("POST /query", expecting))).text, /^HTTP\/1\.1 400 /);
  assertEquals((await sendRaw(port, HEALTH)).status, 503);
});

for (const command of ["router", "run"] as const) {
  Deno.test(`clients that take all file handles of "${command}" end nothing, and later ones are served`, async () => {
    await using config = await writeGroup(ENDPOINT, ACCOUNT);
    const log = command === "run" ? ["--log-format", "json"] : [];
    await using program = startProgram([command, "-c", config.file, ...log], { files: 64 });
    const port = await addressOf(command, program);
    const idle = Array.from({ length: 150 }, () => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      return socket;
    });
    try {
      // Its file handles are taken now, and a while later too.
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    } finally {
      for (const socket of idle) socket.destroy();
    }
    const served = async () => (await sendRaw(port, HEALTH, { settle: 50 })).status === 503;
    await waitFor("an answer", served, { timeoutMs: 30_000 });
    assert(/router listens again: no connection was accepted/.test(program.stderr), program.stderr);
    const { code, stderr } = await program.stop("SIGTERM");
    assertEquals(code, 0, stderr);
  });
}
