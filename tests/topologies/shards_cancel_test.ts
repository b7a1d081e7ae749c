// Changes that wait for a server in vain, and are cancelled: by HTTP, by the command, and by a coordinator that goes on with it.

import { assertEquals, assertMatch } from "@std/assert";
import { Client, type LabServer, requireFlavors, startShards, waitFor } from "../lab/mod.ts";
import { runProgram } from "../program.ts";
import { type RunningCoordinator, smallConfig, startCoordinator, startSmall } from "../shards/growing.ts";
import { SCHEMA, writeGroup } from "../shards/stage.ts";

const ACCOUNT = { user: "root", password: "root" };
const KEYS = ["move: { keep_old: 0s }", "metrics: { interval: 1s }"];

/** A service whose servers never come; it gives them back once it may. */
class SlowService implements AsyncDisposable {
  readonly asked: string[] = [];
  gives = false;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      const { action, name } = await request.json();
      this.asked.push(`${action} ${name}`);
      const isGone = action === "destroy" && this.gives;
      return Response.json(isGone ? { state: "destroyed" } : { state: "pending", retry_after: 60 });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  async [Symbol.asyncDispose]() {
    await this.#server.shutdown();
  }
}

async function changeAt(
  { get }: RunningCoordinator,
  what: string,
  isIt: (change: Record<string, string>) => boolean,
): Promise<Record<string, string>> {
  return await waitFor(what, async () => {
    const { body: [change] } = await get("/changes");
    return change !== undefined && isIt(change) && change;
  }, { timeoutMs: 60_000 });
}

const ended = (coordinator: RunningCoordinator) =>
  changeAt(coordinator, "the end of a change", ({ outcome }) => outcome !== undefined);

/** Rows cannot be counted as long as somebody holds the lock of their table. */
async function planned(servers: readonly LabServer[]): Promise<void> {
  await using config = await writeGroup(smallConfig(servers, ["pool: [shard-2]", ...KEYS]), ACCOUNT);
  await using coordinator = await startCoordinator(config.file);
  await using holder = await Client.connect(servers[0]!);
  await holder.query(`LOCK TABLES ${SCHEMA}.users WRITE`);
  const { body: { change: { id } } } = await coordinator.post("/shards");
  await coordinator.program.event(
    "a wait",
    ({ event, state, step }) => event === "shard-change" && state === "waiting" && step === "planning",
    { timeoutMs: 60_000 },
  );
  const cancelled = await coordinator.post(`/changes/${id}/abort`);
  assertEquals([cancelled.status, cancelled.body.change.step], [202, "cancelling"]);
  assertEquals((await ended(coordinator))["outcome"], "cancelled");
  const again = await coordinator.post(`/changes/${id}/abort`);
  assertEquals([again.status, again.body.change.outcome], [202, "cancelled"]);
  await holder.query("UNLOCK TABLES");
  // The coordinator is free for the next one, and so is the server.
  assertEquals((await coordinator.post("/shards")).status, 202);
  const next = await ended(coordinator);
  assertEquals([next["outcome"], next["shard"]], ["done", "shard-2"]);
  const late = await coordinator.post(`/changes/${next["id"]}/abort`);
  assertEquals([late.status, late.body.error.code], [409, "conflict"]);
  assertEquals((await coordinator.post("/changes/99/abort")).status, 404);
  assertEquals((await coordinator.post("/changes/x'/abort")).status, 404);
}

/** A coordinator that is killed while it cancels: the next one goes on with it. */
async function killed(servers: readonly LabServer[]): Promise<void> {
  await using service = new SlowService();
  const provision = `provision: { http: "${service.url}", token_file: token, destroy: when-drained }`;
  await using config = await writeGroup(smallConfig(servers, [provision, "max_shards: 9", ...KEYS]), ACCOUNT);
  await Deno.writeTextFile(`${config.folder}/token`, "a-token-of-this-test", { mode: 0o600 });
  const seen = (what: string) =>
    waitFor(what, () => Promise.resolve(service.asked.splice(0).includes(what)), { timeoutMs: 60_000 });
  const first = await startCoordinator(config.file);
  const { body: { change: { id } } } = await first.post("/shards", { name: "made-9" });
  await seen("create made-9");
  assertEquals((await first.post(`/changes/${id}/abort`)).status, 202);
  await seen("destroy made-9");
  await first.program.stop("SIGKILL");
  service.asked.length = 0;
  await using second = await startCoordinator(config.file);
  await seen("destroy made-9");
  service.gives = true;
  const change = await ended(second);
  assertEquals([change["id"], change["outcome"], change["reason"]], [id, "cancelled", "cancel was ordered"]);
  await commanded(second, service, config.file);
}

async function commanded(coordinator: RunningCoordinator, service: SlowService, file: string): Promise<void> {
  const { body: { change: { id } } } = await coordinator.post("/shards", { name: "made-10" });
  await waitFor("a question", () => Promise.resolve(service.asked.includes("create made-10")));
  for (let time = 0; time < 2; time++) {
    const { code, stdout, stderr } = await runProgram(["shards", "abort", `change-${id}`, "-c", file]);
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /add shard made-10: cancelled: cancel was ordered\n$/);
  }
  const { code, stderr } = await runProgram(["shards", "abort", "change-99", "-c", file]);
  assertEquals([code, stderr.trim()], [1, 'query-sniper: there is no such change: "99"']);
}

Deno.test("changes that wait in vain are cancelled, and free the coordinator", async (t) => {
  const [flavor] = await requireFlavors();
  await using cluster = await startShards(flavor!, 2);
  await startSmall(cluster.servers);
  await t.step("one whose rows cannot be counted", () => planned(cluster.servers));
  await t.step(
    "one whose server never comes, by a coordinator that is killed",
    () => killed(cluster.servers),
  );
});
