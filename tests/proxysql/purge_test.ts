import { assert, assertEquals } from "@std/assert";
import { DigestStore, purgeDigests, STATEMENTS } from "../../src/proxysql/mod.ts";
import { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { Dumps } from "./dumps.ts";
import { accountOf, adminOf, recordOf, STATS } from "./fixture.ts";

const NOW = Math.floor(Date.now() / 1000);

/** Dumps, and then empties the digests if they take as much. */
async function purgeAfterDump(
  proxy: ProxysqlStandIn,
  dumps: Dumps,
  { memory = 1000, account = accountOf(), later = 0 } = {},
): Promise<readonly [done: boolean, why: string]> {
  using store = DigestStore.open(dumps.state);
  const dumped = await dumps.into(store, { to: { file: dumps.file(`${crypto.randomUUID()}.jsonl`) } });
  const { admin } = adminOf(proxy, { account });
  await using _admin = admin;
  await admin.rows(STATEMENTS.version());
  const { done, why } = await purgeDigests(admin, store, {
    ...{ memory, dumped, ...recordOf() },
    clock: { now: () => dumped.readAt + later },
  });
  return [done, why];
}

function add(proxy: ProxysqlStandIn, count: number): void {
  proxy.addDigest({
    digest: "0x01",
    digest_text: "SELECT 1",
    count_star: count,
    first_seen: NOW,
    last_seen: NOW,
  });
}

const truncated = ({ statements }: ProxysqlStandIn) =>
  statements.filter((sql) => /truncate/i.test(sql)).length;

Deno.test("digests are emptied once they take as much memory, and the next dump counts on", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  add(proxy, 5);
  proxy.digestMemory = 999;
  assertEquals(await purgeAfterDump(proxy, dumps), [false, "they take 999 bytes, less than 1000"]);
  assertEquals(truncated(proxy), 0);
  proxy.digestMemory = 1000;
  assertEquals(await purgeAfterDump(proxy, dumps, { later: 5001 }), [
    false,
    "it is 5.0s after they were read, and what was counted since would be lost: the next dump may",
  ]);
  assertEquals(truncated(proxy), 0);
  assertEquals(await purgeAfterDump(proxy, dumps, { later: 1200 }), [
    true,
    "they took 1000 bytes: 1.2s after they were read, and what was counted in between is in no dump",
  ]);
  assertEquals([truncated(proxy), proxy.emptyDigests()], [1, 0]);
  add(proxy, 7);
  const { rows, manifest } = await dumps.jsonl();
  assertEquals([rows.map(({ count }) => count), manifest["resets"]], [[7], 0]);
  proxy.changeDigest("0x01", { count_star: 9 });
  assertEquals((await purgeAfterDump(proxy, dumps))[0], true, "its own emptying is nobody else's");
});

Deno.test("digests that somebody else empties too are not emptied", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  proxy.startedAt -= 86_400_000;
  proxy.digestMemory = 10_000;
  add(proxy, 5);
  await dumps.jsonl();
  proxy.emptyDigests();
  assertEquals(await purgeAfterDump(proxy, dumps), [
    false,
    "somebody else empties them too: find out who, before this program does",
  ]);
  add(proxy, 5);
  await dumps.jsonl();
  proxy.changeDigest("0x01", { count_star: 2 });
  assertEquals((await purgeAfterDump(proxy, dumps))[0], false);
  assertEquals(truncated(proxy), 0);
});

Deno.test("a restart is nobody who empties digests, and what is not known is no reason to", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  proxy.startedAt -= 86_400_000;
  proxy.digestMemory = 10_000;
  add(proxy, 5);
  await dumps.jsonl();
  proxy.restart();
  add(proxy, 1);
  assertEquals((await purgeAfterDump(proxy, dumps))[0], true);
  add(proxy, 1);
  assertEquals(await purgeAfterDump(proxy, dumps, { account: accountOf(STATS) }), [
    false,
    "this needs an administrator",
  ]);
  proxy.refresh = () => void proxy.tables.exec("DELETE FROM stats_memory_metrics");
  const { admin } = adminOf(proxy);
  await using _admin = admin;
  using store = DigestStore.open(dumps.state);
  const dumped = { othersReset: false, now: NOW } as Parameters<typeof purgeDigests>[2]["dumped"];
  const { done, why } = await purgeDigests(admin, store, {
    memory: 1,
    dumped,
    clock: { now: () => 0 },
    ...recordOf(),
  });
  assertEquals([done, why], [false, "ProxySQL does not tell how much memory its digests take"]);
  assert(truncated(proxy) === 1);
});

Deno.test("after a crash while digests were emptied, what is gone is known to be ours", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  proxy.startedAt -= 86_400_000;
  proxy.digestMemory = 10_000;
  add(proxy, 5);
  {
    using store = DigestStore.open(dumps.state);
    const { now } = await dumps.into(store, {});
    store.purged = now;
  }
  proxy.emptyDigests();
  add(proxy, 6);
  assertEquals((await purgeAfterDump(proxy, dumps))[0], true);
});
