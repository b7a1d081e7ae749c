// A server that is given back, while somebody asks for a move to it: one of both is refused, whoever comes first.

import { assertEquals, assertRejects } from "@std/assert";
import { updateMember } from "../../src/shards/coordinator/claim.ts";
import { needOf } from "../../src/shards/coordinator/release.ts";
import { MEMBER_TABLE } from "../../src/shards/members/tables.ts";
import { openSession } from "../../src/shards/move/group.ts";
import {
  type GroupAccess,
  MoveError,
  type MoveRequest,
  orderMove,
  prepareShard,
  readMoves,
  requestMove,
} from "../../src/shards/move/mod.ts";
import { MOVE_TABLE } from "../../src/shards/slots/tables.ts";
import { Client, type LabServer, requireFlavors, startShards, waitFor } from "../lab/mod.ts";
import { startSmall } from "../shards/growing.ts";
import { groupOf, runHere } from "../shards/move_stage.ts";
import { SCHEMA } from "../shards/stage.ts";

const MOVE: MoveRequest = { from: "shard-1", to: "shard-2", slots: [1, 2], cause: "test" };

/** Until a session waits for the lock of another one. */
async function waiting(client: Client): Promise<void> {
  await waitFor("a wait for a lock", async () => {
    // What is shown stays as it is as long as somebody reads it more often.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const rows = await client.query(
      "SELECT 1 AS waits FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'",
    );
    return rows.length > 0;
  });
}

/** Somebody asks for a move while the server is being marked: the request waits, and is refused. */
async function releasedFirst(group: GroupAccess, client: Client): Promise<void> {
  const metadata = await openSession(group, "shard-1");
  try {
    const { promise, resolve } = Promise.withResolvers<string | MoveError>();
    await metadata.transaction(async () => {
      assertEquals(await needOf(metadata, "shard-2"), undefined);
      requestMove(group, MOVE).then(resolve, resolve);
      await waiting(client);
      await updateMember(metadata, "shard-2", { state: "drained" });
    });
    const error = await promise;
    assertEquals(
      error instanceof MoveError && error.message,
      '"shard-2" gets no slots: it is drained, and no shard any more',
    );
    assertEquals(await readMoves(group), []);
    for (const state of ["released", "failed"] as const) {
      await updateMember(metadata, "shard-2", { state });
      await assertRejects(() => requestMove(group, MOVE), MoveError, `it is ${state}`);
    }
  } finally {
    await metadata.close();
  }
}

/** Whoever gives a server back waits for a request that is being written, and sees it. */
async function requestedFirst(group: GroupAccess, client: Client): Promise<void> {
  const metadata = await openSession(group, "shard-1");
  try {
    await updateMember(metadata, "shard-2", { state: "serving" });
    let need: Promise<unknown> | undefined;
    const id = await requestMove(group, MOVE, {
      async check() {
        need = metadata.transaction(() => needOf(metadata, "shard-2"));
        need.catch(() => {});
        await waiting(client);
      },
    });
    assertEquals(await need, { kind: "moving", reason: `move ${id} of shard-2 is under way` });
    await orderMove(group, id, "abort");
    assertEquals(await runHere(group, id), "aborted");
  } finally {
    await metadata.close();
  }
}

async function refusedWithin(group: GroupAccess): Promise<void> {
  const before = await readMoves(group);
  const check = () => Promise.reject(new MoveError("no"));
  await assertRejects(() => requestMove(group, MOVE, { check }), MoveError, "no");
  assertEquals(await readMoves(group), before);
}

async function prepared(servers: readonly LabServer[], client: Client): Promise<GroupAccess> {
  await startSmall(servers);
  const group = await groupOf(servers);
  await prepareShard(group, "shard-2");
  await client.query(`USE ${SCHEMA}`);
  await client.query(MOVE_TABLE);
  await client.query(MEMBER_TABLE);
  await client.query(
    "INSERT INTO qs_member (shard, source, state, claimed) VALUES ('shard-2', 'http', 'serving', 0)",
  );
  return group;
}

for (const flavor of await requireFlavors()) {
  Deno.test(`no move begins to a ${flavor} server that is given back, and none that moves is given back`, async (t) => {
    await using cluster = await startShards(flavor, 2);
    await using client = await Client.connect(cluster.servers[0]!);
    // What a server's default is must not matter.
    await client.query("SET GLOBAL TRANSACTION ISOLATION LEVEL READ COMMITTED");
    const group = await prepared(cluster.servers, client);
    await t.step("given back first", () => releasedFirst(group, client));
    await t.step("requested first", () => requestedFirst(group, client));
    await t.step("what is refused within the transaction is not there", () => refusedWithin(group));
  });
}
