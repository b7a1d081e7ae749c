// While clients do what they should not, databases are watched and killed on as before.

import { assert, assertEquals } from "@std/assert";
import { connect, type Socket } from "node:net";
import { Client } from "../lab/mod.ts";
import { request, sendRaw } from "../http/server/fixture.ts";
import { type LoggedEvent, type RunningProgram, startProgram } from "../program.ts";
import {
  appClients,
  assertCleanEnd,
  type Case,
  INTERRUPTED,
  onEachFlavor,
  slowQuery,
  start,
  writeConfig,
} from "./fixture.ts";

const RULES = `
  grace: 0s
  listen: 127.0.0.1:0
  policies: [{ name: long, where: "user = 'app' and time > 300ms", then: kill query }]`;

/** As few file handles as a careless installation may have. */
const HANDLES = 256;

/** As many clients as that are more than the program has file handles for. */
const CLIENTS = 400;

async function portOf(program: RunningProgram): Promise<number> {
  const { address } = await program.event("the address", ({ event }) => event === "http");
  return Number(String(address).split(":").at(-1));
}

/** Clients that connect, and say what they say, without an end. */
function flood(port: number, words: (index: number) => string): Disposable & { readonly open: () => number } {
  const sockets = Array.from({ length: CLIENTS }, (_, index): Socket => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    const text = words(index);
    if (text !== "") socket.on("connect", () => socket.write(text, "latin1"));
    return socket;
  });
  return {
    open: () => sockets.filter(({ destroyed }) => !destroyed).length,
    [Symbol.dispose]: () => sockets.forEach((socket) => void socket.destroy()),
  };
}

function killedOf(program: RunningProgram): number {
  return eventsOf(program).filter(({ event, outcome }) => event === "kill" && outcome === "killed").length;
}

function eventsOf(program: RunningProgram): readonly LoggedEvent[] {
  return program.lines.map((line) => JSON.parse(line) as LoggedEvent);
}

/** What clients may say. */
const HOSTILE = [
  "",
  "GET / HT",
  request("GET /login"),
  request("GET /", ["Host: evil.example"]),
  request("POST /login", ["Content-Type: application/json", "Content-Length: 4000"], "{"),
  "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  `GET /${"a".repeat(100_000)}`,
  request("GET /login").repeat(50),
];

const CASES: readonly Case[] = [
  [
    "400 clients at 256 file handles end nothing: kills go on, also on connections that are made meanwhile",
    async ({ primary }) => {
      await using written = await writeConfig({ rules: RULES, databases: [primary] });
      await using app = await appClients(primary, 1);
      const [client] = app.clients as [Client];
      await using root = await Client.connect(primary);
      await using program = startProgram(["run", "-c", written.file, "--log-format", "json"], {
        files: HANDLES,
      });
      const port = await portOf(program);
      await program.event("the connection", ({ event }) => event === "connected");
      for (const words of [() => "", (index: number) => HOSTILE[index % HOSTILE.length]!]) {
        using _clients = flood(port, words);
        const before = killedOf(program);
        assertEquals(await start(client, slowQuery(20)).error, INTERRUPTED);
        // What it looks at to see what came of the kill goes over the connections that end next.
        await program.event("the kill", () => killedOf(program) === before + 1);
        // A connection that the server ends is made anew, for which there has to be a file handle.
        const ids = await root.query(
          "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = 'sniper' AND ID <> CONNECTION_ID()",
        );
        assert(ids.length > 0);
        for (const { id } of ids) await root.query(`KILL ${id}`).catch(() => {});
        const connected = eventsOf(program).filter(({ event }) => event === "connected").length;
        await program.event(
          "the next connection",
          () => eventsOf(program).filter(({ event }) => event === "connected").length > connected,
        );
        assertEquals(await start(client, slowQuery(20)).error, INTERRUPTED);
        await program.event("the other kill", () => killedOf(program) === before + 2);
      }
      const { status } = await sendRaw(port, request("GET /login"), { patience: 5_000 });
      assertEquals(status, 200, "and the next client is served");
      assertEquals(
        eventsOf(program).filter(({ event }) => event === "unreachable").map(({ reason }) => reason)
          .filter((reason) => /file/.test(String(reason))),
        [],
      );
      assertCleanEnd(await program.stop());
    },
  ],

  ["looks are not late while clients ask as much as they can", async ({ primary }) => {
    await using written = await writeConfig({ rules: RULES, databases: [primary] });
    await using program = startProgram(["run", "-c", written.file, "--log-format", "json"]);
    const port = await portOf(program);
    await program.event("the connection", ({ event }) => event === "connected");
    const began = performance.now();
    const until = began + 3_000;
    let answers = 0;
    await Promise.all(Array.from({ length: 20 }, async (_, index) => {
      while (performance.now() < until) {
        const words = HOSTILE[index % HOSTILE.length]!;
        const answer = await sendRaw(port, words, { patience: 200, settle: 1, pause: 1 });
        answers += answer.answers;
      }
    }));
    assert(answers > 100, `${answers} answers`);
    const elapsed = performance.now() - began;
    const end = await program.stop();
    assertCleanEnd(end);
    const { looks } = JSON.parse(end.stdout.trimEnd().split("\n").at(-1)!);
    // One every 100 ms. A machine of tests is busy with other things too.
    assert(
      looks > 0.8 * elapsed / 100,
      `${looks} looks in ${elapsed} ms, while ${answers} requests were answered`,
    );
  }],
];

await onEachFlavor("clients over HTTP", CASES, { alone: true });
