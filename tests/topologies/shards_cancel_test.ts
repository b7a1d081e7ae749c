// Changes that wait for a server in vain, and are cancelled: by HTTP, by the command, and by a coordinator that goes on with it.

import { assertEquals, assertMatch } from "@std/assert";
import { Client, type LabServer, requireFlavors, startShards, waitFor } from "../lab/mod.ts";
import { runProgram } from "../program.ts";
import { claimServer } from "../../src/shards/coordinator/claim.ts";
import { activeChange } from "../../src/shards/coordinator/change_journal.ts";
import { requestChange } from "../../src/shards/coordinator/mod.ts";
import { readMembers } from "../../src/shards/members/member.ts";
import { openSession } from "../../src/shards/move/group.ts";
import { groupOf } from "../shards/move_stage.ts";
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

/** Of two coordinators the one that acts is killed while it cancels: the other one goes on with it. */
async function killed(servers: readonly LabServer[]): Promise<void> {
  await using service = new SlowService();
  const provision = `provision: { http: "${service.url}", token_file: token, destroy: when-drained }`;
  await using config = await writeGroup(smallConfig(servers, [provision, "max_shards: 9", ...KEYS]), ACCOUNT);
  await Deno.writeTextFile(`${config.folder}/token`, "a-token-of-this-test", { mode: 0o600 });
  const seen = (what: string) =>
    waitFor(what, () => Promise.resolve(service.asked.splice(0).includes(what)), { timeoutMs: 60_000 });
  const first = await startCoordinator(config.file);
  await first.program.event("the lease", ({ event, state }) => event === "shards" && state === "active");
  await using second = await startCoordinator(config.file);
  await second.program.event("no lease", ({ event, state }) => event === "shards" && state === "standby");
  const { body: { change: { id } } } = await first.post("/shards", { name: "made-9" });
  await seen("create made-9");
  assertEquals((await first.post(`/changes/${id}/abort`)).status, 202);
  await seen("destroy made-9");
  await first.program.stop("SIGKILL");
  service.asked.length = 0;
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

/** A standby that a change waited for until it was cancelled is not chosen before another one. */
async function waitedFor(servers: readonly LabServer[]): Promise<void> {
  const text = smallConfig(servers, ["pool: [shard-3, shard-2]", ...KEYS]);
  await using config = await writeGroup(text, ACCOUNT);
  const group = await groupOf(servers, () => text);
  const { id } = await requestChange(group, { action: "add shard", cause: "test" });
  const metadata = await openSession(group, "shard-1");
  try {
    const change = await activeChange(metadata);
    await claimServer(metadata, change!, { group, now: Date.now() });
    const { code, stdout, stderr } = await runProgram(["shards", "abort", `change-${id}`, "-c", config.file]);
    assertEquals(code, 0, stderr);
    assertMatch(
      stdout,
      /cancelled: cancel was ordered: shard-3 counts as failed: shards add shard-3 tries it again\n$/,
    );
    const members = await readMembers(metadata.connection);
    assertEquals(members.map(({ shard, state, problem }) => [shard, state, problem]), [
      ["shard-3", "failed", `change ${id} was cancelled while it waited for it, at its step provisioning`],
    ]);
  } finally {
    await metadata.close();
  }
  const next = await runProgram(["shards", "add", "--dry-run", "-c", config.file]);
  assertMatch(next.stdout, /^would add shard-2, a standby of the pool\n/);
}

/** A shard dies in a drain, between two of its moves: what was moved stays, and the rest is moved once it is asked for again. */
async function between(servers: readonly LabServer[]): Promise<void> {
  const third = servers[2]!;
  const keys = ["pool: [shard-2, shard-3]", "move: { keep_old: 3s }", "metrics: { interval: 1s }"];
  await using config = await writeGroup(smallConfig(servers, keys), ACCOUNT);
  await using coordinator = await startCoordinator(config.file);
  assertEquals((await coordinator.post("/shards", { name: "shard-3" })).status, 202);
  assertEquals((await ended(coordinator))["outcome"], "done");
  const { body: { change: { id } } } = await coordinator.post("/shards/shard-2/drain");
  const drain = await changeAt(coordinator, "its moves", ({ step }) => step === "moving");
  const transfers = drain["transfers"] as unknown as readonly { readonly to: string }[];
  assertEquals(transfers.map(({ to }) => to), ["shard-1", "shard-3"]);
  const moves = async () => (await coordinator.get("/moves")).body as readonly Record<string, string>[];
  const first = await waitFor("the first move", async () => {
    const found = (await moves()).find(({ cause }) => cause?.startsWith(`change ${id}.0: `));
    return found?.["step"] === "keep-old" && found;
  }, { timeoutMs: 60_000 });
  const early = await coordinator.post(`/changes/${id}/abort`);
  assertEquals([early.status, early.body.error.code], [409, "conflict"]);
  assertMatch(
    early.body.error.message,
    new RegExp(`^change ${id} moves rows: its move ${first["id"]} is under way$`),
  );
  await third.kill();
  await coordinator.program.event(
    "a wait for the shard that died",
    ({ event, state, change, reason }) =>
      event === "shard-change" && state === "waiting" && change === id && /shard-3/.test(String(reason)),
    { timeoutMs: 60_000 },
  );
  assertEquals((await coordinator.post(`/changes/${id}/abort`)).status, 202);
  const cancelled = await ended(coordinator);
  assertEquals([cancelled["id"], cancelled["outcome"]], [id, "cancelled"]);
  assertMatch(
    cancelled["reason"]!,
    /^cancel was ordered: 1 of its 2 moves is done, and what they moved stays: \d+ slots$/,
  );
  assertEquals((await moves()).find((move) => move["id"] === first["id"])?.["state"], "done");
  await third.start();
  const again = await waitFor("another drain", async () => {
    const { status, body } = await coordinator.post("/shards/shard-2/drain");
    return status === 202 && body.change;
  }, { timeoutMs: 60_000 });
  const done = await changeAt(
    coordinator,
    "the end of the drain",
    (change) => change["id"] === again.id && change["outcome"] !== undefined,
  );
  assertEquals(done["outcome"], "done");
}

Deno.test("changes that wait in vain are cancelled, and free the coordinator", async (t) => {
  const [flavor] = await requireFlavors();
  await using cluster = await startShards(flavor!, 3);
  await startSmall(cluster.servers);
  await t.step("one that waits for a standby", () => waitedFor(cluster.servers));
  await t.step("one whose rows cannot be counted", () => planned(cluster.servers.slice(0, 2)));
  await t.step(
    "one whose server never comes, by two coordinators of which one is killed",
    () => killed(cluster.servers.slice(0, 2)),
  );
  await t.step("one that moves rows, between two moves", () => between(cluster.servers));
});
