import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { Client } from "../lab/mod.ts";
import { waitFor } from "../lab/wait_for.ts";
import { type LoggedEvent, namedBinary, startProgram } from "../program.ts";
import {
  appClients,
  assertCleanEnd,
  type Case,
  INTERRUPTED,
  onEachFlavor,
  runOnce,
  slowQuery,
  start,
  startSniper,
  writeConfig,
} from "../integration/fixture.ts";

const LONG = "policies: [{ name: long, where: \"user = 'app' and time > 500ms\", then: kill query }]";

const CASES: readonly Case[] = [
  ["what cannot be reached is told once each, with what to do, and holds up nobody", async ({ primary }) => {
    const { code, stdout, stderr } = await runOnce({
      rules: LONG,
      databases: [
        "{ name: refused, host: 127.0.0.1, port: 1 }",
        "{ name: unknown-host, host: no-such-host.invalid }",
        "{ name: no-socket, socket: /nonexistent/mysqld.sock }",
        primary,
      ],
    });
    assertEquals([code, stderr], [1, ""]);
    const events = stdout.trim().split("\n").map((line) => JSON.parse(line) as LoggedEvent);
    const reasons = events.filter(({ event }) => event === "unreachable")
      .map(({ database, reason, advice }) => `${database}: ${reason}: ${advice}`);
    assertEquals(reasons.toSorted(), [
      "no-socket: the socket does not exist: check socket, and that the server runs",
      "refused: nothing listens there: check host and port, and that the server runs",
      "unknown-host: the host name is not known: check the spelling of host, and the name service",
    ]);
    assertEquals(events.filter(({ event }) => event === "connected").map(({ database }) => database), [
      primary.name,
    ]);
  }],

  ["a program that may open no more files says so, not that a server is down", async ({ primary }) => {
    const { host, port } = primary;
    await using config = await writeConfig({
      rules: LONG,
      databases: Array.from(
        { length: 60 },
        (_, index) => `{ name: db-${index}, host: ${host}, port: ${port} }`,
      ),
    });
    await using program = startProgram(["run", "-c", config.file, "--log-format", "json"], { files: 100 });
    const told = "the program may not open any more files, and a connection is one";
    const failed = await program.event("the failure", ({ reason }) => reason === told);
    assertEquals(failed.event, "unreachable");
    assertStringIncludes(String(failed["advice"]), "LimitNOFILE=");
    await using app = await appClients(primary, 1);
    assertEquals(await start(app.clients[0]!, slowQuery(20)).error, INTERRUPTED, "others are watched");
    await program.event("the kill", ({ outcome }) => outcome === "killed");
    const connected = () =>
      program.lines.filter((line) => (JSON.parse(line) as LoggedEvent).event === "connected").length;
    await waitFor("twenty that are watched", () => Promise.resolve(connected() >= 20));
    await assertStopsInTime(program, "SIGTERM");
    const events = program.lines.map((line) => JSON.parse(line) as LoggedEvent);
    const reasons = events.filter(({ event }) => event === "unreachable").map(({ reason }) => reason);
    // The runtime that the binary is made with tells it as a refusal, which is seen through while no file is free.
    const isOlder = namedBinary() !== undefined;
    const others = reasons.filter((reason) => reason !== told);
    assertEquals(others.filter((reason) => !isOlder || reason !== "nothing listens there"), []);
  }],

  ["a wrong password is told once, without the password", async ({ primary }) => {
    await using sniper = await startSniper({
      rules: LONG,
      databases: [primary],
      account: { user: "sniper", password: "sesame-4711" },
    });
    const event = await sniper.event("the refusal", ({ event }) => event === "unreachable");
    assertStringIncludes(String(event["reason"]), "Access denied for user 'sniper'@");
    assertStringIncludes(String(event["advice"]), "check user and password in the credentials file");
    await systemClock.sleep(1500);
    const result = await sniper.stop();
    assertEquals(
      sniper.events().filter(({ event }) => event === "unreachable").length,
      1,
      "it is tried again",
    );
    assertCleanEnd(result);
  }],

  ["missing privileges are told once each, with their GRANT, and nothing is killed blindly", async (pair) => {
    await using root = await Client.connect(pair.primary);
    await root.query("CREATE USER nobody@'%' IDENTIFIED BY 'nobody'");
    const { code, stdout } = await runOnce({
      rules:
        "policies: [{ name: p, when: lag > 1s or hll > 1k or uptime > 0s, where: running, then: kill query }]",
      databases: [pair.primary],
      account: { user: "nobody", password: "nobody" },
    });
    await root.query("DROP USER nobody@'%'");
    assertEquals(code, 1);
    const events = stdout.trim().split("\n").map((line) => JSON.parse(line) as LoggedEvent);
    const remedies = events.filter(({ event }) => event === "privilege").map(({ remedy }) => remedy);
    assertEquals(
      remedies,
      pair.flavor === "mysql"
        ? [
          "GRANT SELECT ON performance_schema.* TO 'nobody'@'%'",
          "GRANT PROCESS ON *.* TO 'nobody'@'%'",
          "GRANT REPLICATION CLIENT ON *.* TO 'nobody'@'%'",
          "GRANT CONNECTION_ADMIN ON *.* TO 'nobody'@'%'",
        ]
        : [
          "GRANT PROCESS ON *.* TO 'nobody'@'%'",
          "GRANT SLAVE MONITOR ON *.* TO 'nobody'@'%'",
          "GRANT CONNECTION ADMIN ON *.* TO 'nobody'@'%'",
        ],
    );
    assertEquals(events.filter(({ event }) => event === "kill"), []);
  }],

  ["a server that restarts is watched again, and the others all the time", async ({ primary, replica }) => {
    await using app = await appClients(replica, 1);
    await using sniper = await startSniper({ rules: `${LONG}\ngrace: 2s`, databases: [primary, replica] });
    await sniper.event(
      "both",
      () => sniper.events().filter(({ event }) => event === "connected").length === 2,
    );
    await primary.stop();
    await sniper.event(
      "the loss",
      ({ event, database }) => event === "unreachable" && database === primary.name,
    );
    const victim = start(app.clients[0]!, slowQuery(20));
    assertEquals(await victim.error, INTERRUPTED);
    await primary.start();
    const again = ({ event, database }: LoggedEvent) => event === "connected" && database === primary.name;
    await sniper.event("the second connection", () => sniper.events().filter(again).length === 2);
    await using after = await appClients(primary, 1);
    const { id, error } = start(after.clients[0]!, slowQuery(20));
    assertEquals(await error, INTERRUPTED);
    await sniper.event("the kill", ({ outcome, session }) => outcome === "killed" && idOf(session) === id);
    assertEquals(sniper.kills().filter((kill) => kill.endsWith(` ${id}`)), [`grace ${id}`, `killed ${id}`]);
    assertCleanEnd(await sniper.stop());
  }],

  ["a connection for kills that is lost is opened anew, before it is needed", async ({ primary }) => {
    await using root = await Client.connect(primary);
    await using sniper = await startSniper({ rules: `${LONG}\ngrace: 0s`, databases: [primary] });
    await sniper.event("the connection", ({ event }) => event === "connected");
    const own = await root.query("SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = 'sniper'");
    assertEquals(own.length, 2, "one reads, one kills");
    await root.query(`KILL ${Math.max(...own.map(({ id }) => Number(id)))}`);
    const connected = () => sniper.events().filter(({ event }) => event === "connected").length;
    await sniper.event("the second connection", () => connected() === 2);
    await using app = await appClients(primary, 1);
    assertEquals(await start(app.clients[0]!, slowQuery(20)).error, INTERRUPTED);
    assertCleanEnd(await sniper.stop());
  }],

  ["a change of role drops what was known, and nothing is killed for a while", async ({ primary }) => {
    await using root = await Client.connect(primary);
    await using app = await appClients(primary, 1);
    await using sniper = await startSniper({ rules: `${LONG}\ngrace: 1500ms`, databases: [primary] });
    await sniper.event("the first look", ({ event }) => event === "lease");
    const { id, error } = start(app.clients[0]!, slowQuery(20));
    await root.query("SET GLOBAL read_only = 1");
    const change = await sniper.event("the change", ({ event }) => event === "identity");
    assertEquals([change["read_only"], change["grace"]], [true, "1.5s"]);
    assertEquals(await error, INTERRUPTED);
    await sniper.event("the kill", ({ outcome }) => outcome === "killed");
    assertEquals(sniper.kills(), [`grace ${id}`, `killed ${id}`]);
    await root.query("SET GLOBAL read_only = 0");
    assertCleanEnd(await sniper.stop());
  }],

  ["`once` exits with 1 where its time did not suffice", async ({ primary }) => {
    primary.pause();
    try {
      const { code, stdout } = await runOnce({ rules: LONG, databases: [primary] }, ["--max-time", "300ms"]);
      assertEquals(code, 1);
      assertStringIncludes(stdout, '"reason":"max-time","looks":0,"kills":0,"errors":1}');
    } finally {
      primary.resume();
    }
  }],

  ["a server that hangs holds up neither the others nor the end", async ({ primary, replica }) => {
    await using app = await appClients(replica, 1);
    await using sniper = await startSniper({ rules: LONG, databases: [primary, replica] });
    await sniper.event(
      "both",
      () => sniper.events().filter(({ event }) => event === "connected").length === 2,
    );
    primary.pause();
    try {
      assertEquals(await start(app.clients[0]!, slowQuery(20)).error, INTERRUPTED);
      await assertStopsInTime(sniper, "SIGTERM");
    } finally {
      primary.resume();
    }
  }],

  ["SIGTERM and SIGINT end it at once, with a stop event and exit code 0", async ({ primary }) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      await using sniper = await startSniper({ rules: LONG, databases: [primary] });
      await sniper.event("the connection", ({ event }) => event === "connected");
      await assertStopsInTime(sniper, signal);
      assertEquals(sniper.events().at(-1)?.event, "stop");
      assertEquals(sniper.events().at(-1)?.["reason"], signal);
    }
  }],

  ["SIGTERM while it cannot connect ends it at once", async () => {
    await using sniper = await startSniper({
      rules: LONG,
      databases: ["{ name: refused, host: 127.0.0.1, port: 1 }"],
    });
    await sniper.event("the failure", ({ event }) => event === "unreachable");
    await assertStopsInTime(sniper, "SIGTERM");
  }],
];

await onEachFlavor("In trouble", CASES);

async function assertStopsInTime(
  sniper: { stop(signal: Deno.Signal): Promise<Parameters<typeof assertCleanEnd>[0]> },
  signal: Deno.Signal,
): Promise<void> {
  const begun = performance.now();
  assertCleanEnd(await sniper.stop(signal));
  const took = performance.now() - begun;
  assert(took < 2000, `it took ${took} ms`);
}

function idOf(session: unknown): number | undefined {
  return (session as { readonly id?: number } | undefined)?.id;
}
