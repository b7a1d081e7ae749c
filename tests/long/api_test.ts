import { assert, assertEquals } from "@std/assert";
import { Client, waitFor } from "../lab/mod.ts";
import { type RunningProgram, runProgram, startProgram } from "../program.ts";
import {
  appClients,
  assertCleanEnd,
  INTERRUPTED,
  killsOf,
  linesOf,
  onEachFlavor,
  slowQuery,
  start,
  writeConfig,
} from "../integration/fixture.ts";

const RULES = `
listen: 127.0.0.1:0
policies:
  - name: long
    where: running and verb = 'select' and user = 'app' and time > 300ms
    then: kill query
budget: { kills: 1000, per: 1m }
`;

/** More than can be killed before a request is answered. */
const VICTIMS = 80;

/** An API that runs. */
interface Api {
  get(path: string): Promise<string>;
  json(path: string): Promise<Readonly<Record<string, unknown>>>;
  post(path: string, body: unknown): Promise<readonly [number, Readonly<Record<string, unknown>>]>;
}

async function apiOf(program: RunningProgram): Promise<Api> {
  const { address } = await program.event(
    "an address",
    ({ event, state }) => event === "http" && state === "listening",
  );
  const get: Api["get"] = async (path) => await (await fetch(`http://${address}${path}`)).text();
  return {
    get,
    json: async (path) => JSON.parse(await get(path)),
    async post(path, body) {
      const response = await fetch(`http://${address}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return [response.status, await response.json()];
    },
  };
}

await onEachFlavor("the API", [
  [
    "a kill is seen in /metrics, in the latest decisions, in the history and in a report",
    async ({ primary }) => {
      await using config = await writeConfig({ rules: RULES, databases: [primary] });
      await using app = await appClients(primary, 1);
      await using program = startProgram(["run", "-c", config.file, "--log-format", "json"]);
      const api = await apiOf(program);
      const { id, error } = start(app.clients[0]!, slowQuery(20));
      assertEquals(await error, INTERRUPTED);
      await program.event("the kill", ({ outcome }) => outcome === "killed");
      const sample = `query_sniper_kills_total{database="${primary.name}",outcome="killed"} 1\n`;
      const metrics = await api.get("/metrics");
      assert(metrics.includes(sample), metrics);
      assertEquals(await api.get("/healthz"), "ok\n");
      assertEquals((await api.post("/api/v1/pause", {}))[0], 400);
      await waitFor("a second", async () => {
        const text = await api.get("/metrics");
        return text.includes('query_sniper_http_requests_total{code="400"} 1\n') || undefined;
      });
      for (const path of ["/api/v1/decisions", "/api/v1/history?since=1h"]) {
        const { decisions } = await api.json(path);
        const [last] = decisions as readonly { outcome: string; session: { id: number } }[];
        assertEquals([last?.outcome, last?.session.id], ["killed", id], path);
      }
      const { totals } = await api.json("/api/v1/report?since=1h");
      assertEquals((totals as { kills: number }).kills, 1);
      const { databases } = await api.json("/api/v1/databases");
      const [database] = databases as readonly { name: string; reach: string; outcomes: unknown }[];
      assertEquals([database?.reach, database?.outcomes], ["watched", { long: { killed: 1 } }]);
      assertCleanEnd(await program.stop());
    },
  ],

  ["a pause stops kills, also of the next run and of once, until somebody resumes", async ({ primary }) => {
    await using config = await writeConfig({ rules: RULES, databases: [primary] });
    await using app = await appClients(primary, 1);
    const args = ["-c", config.file, "--log-format", "json"];
    const body = { database: primary.name, reason: "restore", by: "kim", duration: "1h" };
    const note = /^restore, by kim \(127\.0\.0\.1\), until 20/;
    const spared = await (async () => {
      await using program = startProgram(["run", ...args]);
      const api = await apiOf(program);
      await program.event("the connection", ({ event }) => event === "connected");
      assertEquals((await api.post("/api/v1/pause", body))[0], 200);
      const told = await program.event("the pause", ({ event }) => event === "pause");
      assertEquals([told["state"], told["reason"], told["by"]], ["paused", "restore", "kim (127.0.0.1)"]);
      const spared = start(app.clients[0]!, slowQuery(3600));
      const skipped = await program.event("the refusal", ({ reason }) => reason === "paused");
      assert(note.test(String(skipped["note"])), String(skipped["note"]));
      const { paused, hold } = await api.json(`/api/v1/databases/${primary.name}`);
      assertEquals([note.test(String(paused)), (hold as { reason: string }).reason], [true, "paused"]);
      assert((await api.get("/metrics")).includes(`query_sniper_paused{database="${primary.name}"} 1\n`));
      assertCleanEnd(await program.stop("SIGKILL"), 137);
      return spared;
    })();
    assertEquals(killsOf(linesOf(await runProgram(["once", ...args]))), [`paused ${spared.id}`]);
    const checked = await runProgram(["check", "-c", config.file]);
    assert(checked.stdout.includes(`${primary.name}: kills are paused: "restore, by kim`), checked.stdout);
    await using program = startProgram(["run", ...args]);
    const api = await apiOf(program);
    await program.event("the pause", ({ event, state }) => event === "pause" && state === "paused");
    await program.event("the refusal", ({ reason }) => reason === "paused");
    assertEquals(killsOf(program.lines), [`paused ${spared.id}`]);
    const [status, answer] = await api.post("/api/v1/resume", { database: primary.name, by: "kim" });
    assertEquals([status, answer], [200, { paused: [] }]);
    assertEquals(await spared.error, INTERRUPTED);
    await program.event("the kill", ({ outcome }) => outcome === "killed");
    assertCleanEnd(await program.stop());
    const { stdout } = await runProgram(["report", "-c", config.file, "--format", "json"]);
    const marks = (JSON.parse(stdout).marks as readonly { kind: string; database: string | null }[])
      .filter(({ kind }) => kind === "paused" || kind === "resumed");
    assertEquals(marks.map(({ kind, database }) => `${kind} ${database}`), [
      `paused ${primary.name}`,
      `resumed ${primary.name}`,
    ]);
  }],

  ["no kill is sent once a pause was answered, whatever was decided before", async ({ primary }) => {
    await using config = await writeConfig({ rules: RULES, databases: [primary] });
    await using app = await appClients(primary, VICTIMS);
    await using root = await Client.connect(primary);
    await root.query("SET GLOBAL log_output = 'TABLE'");
    await root.query("SET GLOBAL general_log = 1");
    await using program = startProgram(["run", "-c", config.file, "--log-format", "json"]);
    const api = await apiOf(program);
    await program.event("the connection", ({ event }) => event === "connected");
    const victims = app.clients.map((client) => start(client, slowQuery(5)));
    // All of them are decided on in one look, and killed one after the other.
    await Promise.any(victims.map(({ error }) => error));
    assertEquals((await api.post("/api/v1/pause", { reason: "restore" }))[0], 200);
    const [answered] = await root.query("SELECT CAST(NOW(6) AS CHAR) AS at");
    const ends = await Promise.all(victims.map(({ error }) => error));
    await root.query("SET GLOBAL general_log = 0");
    const [sent] = await root.query(
      "SELECT COUNT(*) AS kills, SUM(event_time > ?) AS late FROM mysql.general_log " +
        "WHERE user_host LIKE '%sniper%' AND argument LIKE '%KILL QUERY%'",
      [answered!["at"]],
    );
    await root.query("TRUNCATE TABLE mysql.general_log");
    assert(Number(sent!["kills"]) > 0);
    assertEquals(Number(sent!["late"]), 0);
    assert(ends.includes(0), "some were spared");
    const skipped = program.lines.filter((line) => line.includes('"reason":"paused"'));
    assert(skipped.length > 0, "those are told");
    await program.stop();
  }],
], { alone: true });
