import { assertEquals } from "@std/assert";
import { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { Dumps } from "./dumps.ts";

/** Numbers that look random, the same ones for a seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * sides);
  };
}

/** What ran, by digest, as somebody counts who sees every execution. */
type Counts = Map<string, { count: bigint; time: bigint }>;

function add(
  counts: Counts,
  digest: string,
  { count, time }: { readonly count: bigint; readonly time: bigint },
): void {
  const known = counts.get(digest) ?? { count: 0n, time: 0n };
  counts.set(digest, { count: known.count + count, time: known.time + time });
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  Deno.test(`dumps add up to what ran, over resets and restarts: seed ${seed}`, async () => {
    await using proxy = await ProxysqlStandIn.start();
    await using dumps = await Dumps.of(proxy);
    const roll = dice(seed);
    const ran: Counts = new Map();
    const dumped: Counts = new Map();
    // By a clock of its own, in seconds: a dump every minute.
    let now = 1_800_000_000;
    proxy.tables.function("strftime", (_format, _time) => String(now));
    let started = now - 1000;
    proxy.refresh = () =>
      void proxy.tables.prepare("INSERT OR REPLACE INTO stats_mysql_global VALUES ('ProxySQL_Uptime', ?)")
        .run(String(now - started));
    const inDump = async () => {
      for (const { digest, count, time_us } of (await dumps.jsonl()).rows) {
        add(dumped, String(digest), { count: BigInt(String(count)), time: BigInt(String(time_us)) });
      }
    };
    for (let minute = 0; minute < 60; minute++) {
      now += 5;
      // What is not dumped when its counters are lost is lost for everybody.
      if (roll(6) === 0) proxy.emptyDigests();
      else if (roll(10) === 0) {
        started = now;
        proxy.emptyDigests();
      }
      const drift = roll(2);
      for (let at = 0; at < 12; at++) {
        const digest = `0x${roll(20)}`;
        const [count, time] = [BigInt(roll(50) + 1), BigInt(roll(1000))];
        const row = proxy.tables.prepare(
          "SELECT count_star AS c, sum_time AS t FROM stats_mysql_query_digest " +
            "WHERE digest = ?",
        ).get(digest);
        now += roll(3);
        if (row === undefined) {
          proxy.addDigest({
            digest,
            digest_text: "SELECT 1",
            count_star: count,
            sum_time: time,
            first_seen: now,
            last_seen: now,
          });
        } else {
          proxy.changeDigest(digest, {
            count_star: BigInt(String(row["c"])) + count,
            sum_time: BigInt(String(row["t"])) + time,
            last_seen: now,
          });
        }
        add(ran, digest, { count, time });
      }
      // ProxySQL reckons these from two clocks, and they move by a second.
      if (drift === 1) proxy.tables.exec("UPDATE stats_mysql_query_digest SET first_seen = first_seen - 1");
      now += 2;
      await inDump();
    }
    assertEquals(new Map([...dumped].toSorted()), new Map([...ran].toSorted()));
  });
}
