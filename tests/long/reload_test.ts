import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { Client, type LabServer, waitFor } from "../lab/mod.ts";
import {
  appClients,
  assertCleanEnd,
  type Case,
  INTERRUPTED,
  nothingHappensFor,
  onEachFlavor,
  slowQuery,
  type Sniper,
  start,
  startSniper,
  writeConfig,
} from "../integration/fixture.ts";
import { startProgram } from "../program.ts";

/** A policy that ends statements of `app` that are older than a limit. */
function rules(limit: string, more = ""): string {
  return `
    limits: { long: ${limit} }
    grace: 0s
    policies:
      - { name: long, where: running and user = 'app' and time > limits.long, then: kill query }
    ${more}`;
}

const CASES: readonly Case[] = [
  ["a changed limit acts at the next look, on the connection that there is", async ({ primary }) => {
    await using app = await appClients(primary, 1);
    const [client] = app.clients as [Client];
    await using sniper = await startSniper({ rules: rules("1h"), databases: [primary] });
    await sniper.event("the connection", ({ event }) => event === "connected");
    const victim = start(client, slowQuery(20));
    await nothingHappensFor(500);
    await rewrite(sniper, (text) => text.replace("long: 1h", "long: 200ms"));
    const [reloaded, changed] = await reload(sniper, "reloaded", 1);
    assertEquals(reloaded!["changed"], 1);
    assertEquals([changed!["change"], changed!["keys"]], [
      "rules",
      [{ key: "limits.long", before: "1h", after: "200ms" }],
    ]);
    assertEquals(await victim.error, INTERRUPTED);
    assertEquals(sniper.events().filter(({ event }) => event === "connected").length, 1);
    assertCleanEnd(await sniper.stop());
  }],

  ["a file that is wrong changes nothing, and one event says all that is wrong", async ({ primary }) => {
    await using app = await appClients(primary, 1);
    const [client] = app.clients as [Client];
    await using sniper = await startSniper({ rules: rules("200ms"), databases: [primary] });
    await sniper.event("the connection", ({ event }) => event === "connected");
    await rewrite(
      sniper,
      (text) => text.replace("kill query", "kill everything").replace("long: 200ms", "long: 1"),
    );
    const [refused] = await reload(sniper, "refused", 0);
    const problems = refused!["problems"] as readonly string[];
    assert(
      problems.some((problem) => /query-sniper\.yaml:\d+:\d+: policies\[0\]\.then: /.test(problem)),
      String(problems),
    );
    assertEquals(await start(client, slowQuery(20)).error, INTERRUPTED, "it goes on as before");
    await Deno.remove(join(sniper.folder, "query-sniper.yaml"));
    await reload(sniper, "refused", 0);
    assertEquals(await start(client, slowQuery(20)).error, INTERRUPTED, "and again");
    assertCleanEnd(await sniper.stop());
  }],

  [
    "databases come, leave and are connected to anew; what did not change keeps its connection",
    async (pair) => {
      const { primary, replica } = pair;
      await using root = await Client.connect(primary);
      await using sniper = await startSniper({ rules: rules("1h"), databases: [primary] });
      await sniper.event("the connection", ({ event }) => event === "connected");
      const before = await ownIds(root);
      await rewrite(sniper, (text) => text + row(replica));
      const [, added] = await reload(sniper, "reloaded", 1);
      assertEquals([added!["change"], added!["database"]], ["added", replica.name]);
      await sniper.event(
        "the replica",
        ({ event, database }) => event === "connected" && database === replica.name,
      );
      assertEquals(await ownIds(root), before, "the primary's connections are those of before");
      await rewrite(
        sniper,
        (text) => text.replace(row(replica), row(replica).replace(" }", ", mode: dry-run }")),
      );
      const [, again] = await reload(sniper, "reloaded", 1);
      assertEquals(again!["change"], "connection", "no connection for kills is wanted there any more");
      await waitFor("the second connection to the replica", () =>
        Promise.resolve(
          sniper.events().filter(({ event, database }) => event === "connected" && database === replica.name)
            .length === 2,
        ));
      await rewrite(sniper, (text) => text.replace(/ {2}- \{ name: [^\n]*mode: dry-run \}\n/, ""));
      const [, removed] = await reload(sniper, "reloaded", 1);
      assertEquals([removed!["change"], removed!["database"]], ["removed", replica.name]);
      await using other = await Client.connect(replica);
      await waitFor("the end of its connections", async () => (await ownIds(other)).length === 0);
      assertEquals(await ownIds(root), before);
      assertCleanEnd(await sniper.stop());
    },
  ],

  [
    "a hundred reloads under load lose no kill, leak no connection and double no watcher",
    async ({ primary }) => {
      await using app = await appClients(primary, 4);
      await using root = await Client.connect(primary);
      await using sniper = await startSniper({
        rules: rules("150ms", "budget: { kills: 1000, per: 1m }"),
        databases: [primary],
      });
      await sniper.event("the connection", ({ event }) => event === "connected");
      const connections = (await ownIds(root)).length;
      let going = true;
      const errors: number[] = [];
      const load = app.clients.map(async (client) => {
        while (going) errors.push(await start(client, slowQuery(20)).error);
      });
      for (let round = 1; round <= 100; round++) {
        const limit = round % 2 === 0 ? "150ms" : "180ms";
        // Every tenth takes another connection, since the server lets go of a silent one by the interval; some are wrong.
        const interval = Math.floor(round / 10) % 2 === 0 ? "100ms" : "120ms";
        await rewrite(
          sniper,
          (text) =>
            text.replace(/long: \d+ms/, `long: ${limit}`).replace(/^interval: \S+/m, `interval: ${interval}`),
        );
        const isWrong = round % 7 === 0;
        if (isWrong) await rewrite(sniper, (text) => text.replace("then: kill query", "then: kill all"));
        await reload(sniper, isWrong ? "refused" : "reloaded", 0);
        if (isWrong) await rewrite(sniper, (text) => text.replace("then: kill all", "then: kill query"));
        await nothingHappensFor(50);
      }
      going = false;
      await Promise.all(load);
      assert(errors.length > 20 && errors.every((error) => error === INTERRUPTED), String(errors));
      await waitFor("the connections of before", async () => (await ownIds(root)).length === connections);
      // One that was decided on just before a new connection may be spared at first: then it is killed by the next look.
      const outcomes = () =>
        sniper.events().flatMap(({ event, outcome }) =>
          event === "kill" && outcome !== "skipped" ? [outcome] : []
        );
      await waitFor("every outcome", () => Promise.resolve(outcomes().length >= errors.length));
      assertEquals(outcomes().filter((outcome) => outcome !== "killed"), [], "each is told as killed");
      assertEquals(outcomes().length, errors.length, "and once");
      assertCleanEnd(await sniper.stop());
    },
  ],

  ["a server that hangs holds up neither the next reload nor other databases", async ({ primary }) => {
    // It accepts and says nothing: connecting takes its whole deadline of 5 s, also when it is to be given up.
    using silent = Deno.listen({ hostname: "127.0.0.1" });
    const accepted: Deno.Conn[] = [];
    const ended: number[] = [];
    const accepting = (async () => {
      for await (const conn of silent) {
        const index = accepted.push(conn) - 1;
        conn.read(new Uint8Array(1)).catch(() => {}).then(() => ended.push(index));
      }
    })();
    await using app = await appClients(primary, 1);
    const [client] = app.clients as [Client];
    await using sniper = await startSniper({ rules: rules("1h"), databases: [primary] });
    await sniper.event("the connection", ({ event }) => event === "connected");
    const hanging = { name: "silent", host: "127.0.0.1" as const, port: silent.addr.port };
    await rewrite(sniper, (text) => text + row(hanging));
    await reload(sniper, "reloaded", 1);
    await waitFor("a connection that hangs", () => Promise.resolve(accepted.length > 0));
    const victim = start(client, slowQuery(20));
    await rewrite(sniper, (text) => text.replace(row(hanging), ""));
    await reload(sniper, "reloaded", 1);
    await rewrite(sniper, (text) => text.replace("long: 1h", "long: 200ms") + row(hanging));
    await reload(sniper, "reloaded", 2);
    assertEquals(await victim.error, INTERRUPTED);
    assertEquals([accepted.length, ended], [1, []], "the server is still not left");
    await waitFor("a watch of the new entry", () => Promise.resolve(accepted.length > 1), {
      timeoutMs: 15_000,
    });
    assertEquals(ended, [0], "one after the other");
    assertCleanEnd(await sniper.stop());
    silent.close();
    await accepting.catch(() => {});
    for (const conn of accepted) conn.close();
  }],

  ["a SIGHUP that comes while it starts is kept until there is something to reload", async ({ primary }) => {
    await using written = await writeConfig({ rules: rules("1h"), databases: [primary] });
    const text = await Deno.readTextFile(written.file);
    const pipe = `${written.file}.pipe`;
    assert((await new Deno.Command("mkfifo", { args: [pipe] }).output()).success);
    await using program = startProgram(["run", "-c", pipe, "--log-format", "json"]);
    // Opens only once the program reads it, which is what it does first.
    const writer = await Deno.open(pipe, { write: true });
    program.signal("SIGHUP");
    await nothingHappensFor(200);
    await writer.write(new TextEncoder().encode(text));
    writer.close();
    await program.event("the connection", ({ event }) => event === "connected");
    await Deno.writeTextFile(pipe, text);
    await program.event("a reload", ({ event, state }) => event === "config" && state === "reloaded");
    assertCleanEnd(await program.stop());
  }],

  ["SIGUSR1 does not end it", async ({ primary }) => {
    await using sniper = await startSniper({ rules: rules("1h"), databases: [primary] });
    await sniper.event("the connection", ({ event }) => event === "connected");
    sniper.program.signal("SIGUSR1");
    await nothingHappensFor(300);
    await reload(sniper, "reloaded", 0);
    const { code, stderr } = await sniper.stop();
    assertEquals(code, 0);
    // Deno from 2.9.2 on opens its debugger, which a program without --allow-sys cannot close.
    assertMatch(stderr, /^(?:query-sniper: Deno may have opened its debugger[^\n]*\n)?$/);
  }],
];

function row({ name, host, port }: Pick<LabServer, "name" | "host" | "port">): string {
  return `  - { name: ${name}, host: ${host}, port: ${port} }\n`;
}

async function rewrite({ folder }: Sniper, change: (text: string) => string): Promise<void> {
  const file = join(folder, "query-sniper.yaml");
  await Deno.writeTextFile(file, change(await Deno.readTextFile(file)));
}

/** Has it reload, and waits until it has told what came of it and of so many databases. */
async function reload(sniper: Sniper, state: string, databases: number) {
  const told = () => sniper.events().filter(({ event }) => event === "config");
  const before = told().length;
  sniper.program.signal("SIGHUP");
  await waitFor(
    `a configuration that is ${state}`,
    () => Promise.resolve(told().length > before + databases),
  );
  const now = told().slice(before);
  assertEquals(now[0]!["state"], state, JSON.stringify(now));
  return now;
}

/** The connections of the program's account. */
async function ownIds(root: Client): Promise<readonly number[]> {
  const rows = await root.query(
    "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = 'sniper' ORDER BY ID",
  );
  return rows.map(({ id }) => Number(id));
}

await onEachFlavor("reload", CASES);
