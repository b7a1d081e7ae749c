// As many digests as the page about dumps speaks of: none is lost, and none counted twice.

import { assertEquals } from "@std/assert";
import { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { Dumps } from "./dumps.ts";

const ROWS = 100_000;

Deno.test("100,000 digests are dumped, with the sums that were counted, and then only what came since", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using dumps = await Dumps.of(proxy);
  let [count, time] = [0, 0];
  for (let at = 0; at < ROWS; at++) {
    const [count_star, sum_time] = [1 + (at * 7) % 13, (at * 31) % 100_003];
    count += count_star;
    time += sum_time;
    const digest = `0x${at.toString(16).toUpperCase().padStart(16, "0")}`;
    proxy.addDigest({ digest, digest_text: `SELECT c${at} FROM t WHERE id = ?`, count_star, sum_time });
  }
  const { rows, manifest } = await dumps.jsonl();
  const sumOf = (name: string) => rows.reduce((sum, row) => sum + Number(row[name]), 0);
  assertEquals([rows.length, manifest["rows"], manifest["complete"]], [ROWS, ROWS, true]);
  assertEquals(new Set(rows.map((row) => row["digest"])).size, ROWS);
  assertEquals(new Set(rows.map((row) => row["sniper_digest"])).size, ROWS);
  assertEquals([sumOf("count"), sumOf("time_us")], [count, time]);
  assertEquals((await dumps.jsonl()).rows.length, 0);
});
