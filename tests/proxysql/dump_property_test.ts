import { assert, assertEquals } from "@std/assert";
import { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { type Clock, systemClock } from "../../src/clock.ts";
import { waitFor } from "../lab/wait_for.ts";
import { Dumps } from "./dumps.ts";
import { row, Started } from "./plugins/fixture.ts";

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

/** What a dump has by the plugin, and what it says of it. */
interface Added {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** Whoever adds columns to dumps, and looks at them. */
interface Adding {
  readonly plugins?: Started["plugins"];
  before(): Promise<void>;
  look(dump: Added): void;
}

async function addUp(seed: number, adding?: Adding): Promise<void> {
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
    await adding?.before();
    const dump = await dumps.jsonl({ ...adding?.plugins && { plugins: adding.plugins } });
    adding?.look(dump);
    for (const { digest, count, time_us } of dump.rows) {
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
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  Deno.test(`dumps add up to what ran, over resets and restarts: seed ${seed}`, async () => {
    await addUp(seed);
  });
}

Deno.test("dumps add up to what ran while a plugin fails and is back", async () => {
  // It is started again at once, and never late.
  const clock: Clock = {
    ...systemClock,
    sleep: (time, signal) => systemClock.sleep(time % 1000 === 0 ? 0 : 1e6, signal),
  };
  const source = `
    export const columns = { twice: "integer" };
    export const dumpColumns = ({ count, digest }) => ({ twice: count % 37 === 0 ? explode() : 2 * count });`;
  await using started = await Started.of([{ source, timeout: 999 }], { clock });
  const { plugins } = started;
  const counts = { whole: 0, without: 0 };
  await addUp(7, {
    plugins,
    async before() {
      await waitFor(
        "the plugin to be back",
        async () => (await plugins.dumpColumns([row({ count: 1n })], plugins.columns)).missing === 0,
      );
    },
    look({ rows, manifest }) {
      const without = rows.filter(({ twice }) => twice === null).length;
      assertEquals(manifest["without_plugins"], without);
      assertEquals(without, rows.some(({ count }) => Number(count) % 37 === 0) ? rows.length : 0);
      for (const { count, twice } of rows) if (twice !== null) assertEquals(twice, 2 * Number(count));
      counts[without > 0 ? "without" : "whole"]++;
    },
  });
  assert(counts.whole > 5 && counts.without > 1, JSON.stringify(counts));
});
