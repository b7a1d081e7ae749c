import { assertEquals } from "@std/assert";
import type { Channel, CommitTimestamps } from "../../../src/mysql/replication/channel.ts";
import { fetchByTimestamps, totalByTimestamps } from "../../../src/mysql/replication/commit_timestamps.ts";
import { beatOf, lagByHeartbeat } from "../../../src/mysql/replication/heartbeat_table.ts";
import { channelOfTables } from "../../../src/mysql/replication/channels.ts";
import { auroraLagOf } from "../../../src/mysql/replication/aurora.ts";
import { measureReplication, type ReplicationView } from "../../../src/mysql/replication/lag.ts";
import { type Links, listen } from "../../../src/mysql/replication/link.ts";
import { gtidListPosition, type Position } from "../../../src/mysql/replication/position.ts";
import { recordPositions, type Rings } from "../../../src/mysql/replication/ring.ts";

const at = (sequence: number): Position => gtidListPosition(`0-1-${sequence}`)!;

/** The source was at transaction n at n seconds. */
const RINGS: Rings = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].reduce<Rings>(
  (rings, n) => recordPositions(rings, { server: "s", positions: [at(n)], at: n * 1000 }),
  {},
);

function channel(rest: Partial<Channel> = {}): Channel {
  return {
    name: "",
    source: { uuid: "", serverId: 1, address: "10.0.0.1:3306" },
    receiving: "on",
    applying: true,
    errors: { receiving: 0, applying: 0 },
    failedTransaction: "",
    received: at(10),
    executed: at(10),
    delay: 0,
    waitsForDelay: false,
    behind: 0,
    timestamps: undefined,
    heartbeatInterval: 30_000,
    silent: undefined,
    heard: "",
    ...rest,
  };
}

function measure(channels: readonly Channel[], rest: Partial<ReplicationView> = {}) {
  const { lag, lag_fetch, lag_apply, methods } = measureReplication({
    channels,
    rings: new Map(),
    cluster: undefined,
    readOnly: false,
    now: 10_100,
    ...rest,
  });
  return { lag, lag_fetch, lag_apply, methods };
}

const watched = (...names: readonly string[]) => ({ rings: new Map(names.map((name) => [name, RINGS])) });
const POSITIONS = {
  lag: "source positions",
  lag_fetch: "source positions",
  lag_apply: "source positions",
} as const;
const BLIND = { unknown: "replication does not show what it has not received: watch its source too" };

Deno.test("the source's positions tell what is not fetched and what is not applied", () => {
  assertEquals(measure([channel({ received: at(7), executed: at(4) })], watched("")), {
    lag: 5100,
    lag_fetch: 2100,
    lag_apply: 3000,
    methods: POSITIONS,
  });
  assertEquals(measure([channel()], watched("")), { lag: 0, lag_fetch: 0, lag_apply: 0, methods: POSITIONS });
});

Deno.test("in a chain the whole of it counts, and each part is the replica's own", () => {
  const behind = { ms: 60_000, through: ["a"] };
  const rings = recordPositions(RINGS, { server: "s", positions: [at(10)], at: 10_050, behind });
  const chain = { rings: new Map([["", rings]]) };
  assertEquals(measure([channel()], chain), { lag: 60_000, lag_fetch: 0, lag_apply: 0, methods: POSITIONS });
  const late = measure([channel({ executed: at(9) })], chain);
  assertEquals([late.lag, late.lag_fetch, late.lag_apply], [100, 0, 100], "by what the source had then");
  assertEquals(measure([channel()], { ...chain, self: "a" }).lag, 0, "in a circle");
  assertEquals(measure([channel({ delay: 50_000 })], chain).lag, 10_000);
});

Deno.test("a delay that was asked for is not lag", () => {
  const late = channel({ executed: at(4), delay: 3000 });
  assertEquals(measure([late], watched("")), {
    lag: 2100,
    lag_fetch: 0,
    lag_apply: 2100,
    methods: POSITIONS,
  });
  assertEquals(measure([{ ...late, waitsForDelay: true }], watched("")).lag, 0);
  assertEquals(measure([channel({ behind: 3_605_000, delay: 3_600_000 })]).lag, 5000);
  assertEquals(measure([channel({ behind: 10_000, delay: 3_600_000 })]).lag, 0);
});

Deno.test("the worst channel counts, and where one is unknown there may be a worse one", () => {
  const [a, b] = [channel({ name: "a", behind: 3000 }), channel({ name: "b", behind: 7000 })];
  assertEquals(measure([a, b]).lag, 7000);
  assertEquals(measure([a, { ...b, behind: null }]).lag, {
    unknown: 'the channel "b" does not know its lag',
    atLeast: 3000,
  });
  assertEquals(measure([{ ...a, behind: null }, { ...b, behind: null }]).lag, {
    unknown: 'the channel "a" does not know its lag',
  });
  const mixed = measure([{ ...a, executed: at(1) }, b], watched("a"));
  assertEquals([mixed.lag, mixed.methods.lag], [8100, "source positions"]);
});

Deno.test("what is stopped is unknown, with the number of its error", () => {
  const errors = { receiving: 2003, applying: 1062 };
  const replication = (rest: Partial<Channel>, view: Partial<ReplicationView> = watched("")) => {
    const { lag, lag_fetch, lag_apply } = measure([channel(rest)], view);
    return [lag, lag_fetch, lag_apply];
  };
  const notApplying = { unknown: "replication does not apply: error 1062 in u:7" };
  assertEquals(replication({ applying: false, errors, failedTransaction: "u:7", received: at(9) }), [
    notApplying,
    100,
    notApplying,
  ]);
  const notReceiving = { unknown: "replication does not receive: error 2003" };
  assertEquals(replication({ receiving: "off", errors, executed: at(9) }), [
    { ...notReceiving, atLeast: 100 },
    notReceiving,
    100,
  ]);
  assertEquals(replication({ receiving: "connecting", errors, received: at(9), executed: at(9) }), [
    100,
    100,
    0,
  ]);
  assertEquals(replication({ receiving: "connecting", errors }, {}), [notReceiving, notReceiving, 0]);
  assertEquals(replication({ name: "b", applying: false }, {})[0], {
    unknown: 'the channel "b" does not apply',
  });
  assertEquals(
    measureReplication({
      channels: [channel(), channel({ receiving: "connecting" })],
      rings: new Map(),
      cluster: undefined,
      readOnly: true,
      now: 0,
    }).replication_running,
    false,
  );
});

Deno.test("of what cannot be measured as a whole, the part that is known is the least", () => {
  const timestamps = { ...T, lastCommitted: 982_000, lastQueued: 990_000, applying: 940_000 };
  const gone = "the link was behind, and nothing comes any more";
  assertEquals(measure([channel({ timestamps, behind: null })]).lag, {
    unknown: "replication does not know its lag",
    atLeast: 60_000,
  });
  assertEquals(totalByTimestamps(channel({ timestamps })), { unknown: gone, atLeast: 60_000 });
  assertEquals(totalByTimestamps(channel({ timestamps: { ...timestamps, applying: undefined } })), {
    unknown: gone,
  });
  const delayed = channel({ timestamps, behind: null, delay: 50_000 });
  assertEquals(measure([delayed]).lag, { unknown: "replication does not know its lag", atLeast: 10_000 });
  assertEquals(measure([{ ...delayed, waitsForDelay: true }]).lag, {
    unknown: "replication does not know its lag",
  });
  const clocks = { ...timestamps, lastCommitted: 992_000 };
  assertEquals(measure([channel({ timestamps: clocks, behind: null })]).lag, {
    unknown: "replication does not know its lag",
  }, "clocks that are not in step tell nothing");
});

Deno.test("a member of a group has no heartbeats: its state, its majority and its queue tell", () => {
  const uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
  const row = {
    name: "group_replication_applier",
    host: "<NULL>",
    port: 0,
    source_uuid: uuid,
    receiving: "ON",
    applying: "ON",
    received: `${uuid}:1-9`,
    executed: `${uuid}:1-9`,
    heartbeat_interval: "30.000",
    remaining_delay: null,
    now: 1000,
    heartbeat: 0,
    has_queued: 1,
    last_committed: 700,
    last_queued: 700.01,
    queueing: null,
    worker_oldest: null,
    coordinator_oldest: null,
    member_state: "ONLINE",
    member_primary: 0,
    members: 3,
    unreachable: 0,
    others: "10.0.0.1:3306, 10.0.0.2:3306",
    certifying: 0,
  };
  const lags = (rest: Record<string, string | number | null>) => {
    const { lag, lag_fetch, lag_apply } = measure([channelOfTables({ ...row, ...rest })]);
    return [lag, lag_fetch, lag_apply];
  };
  assertEquals(lags({}), [0, 0, 0], "idle for minutes");
  assertEquals(lags({ has_queued: 0, last_committed: 0, received: "" }), [0, 0, 0], "the only writer");
  assertEquals(lags({ executed: `${uuid}:1-8`, worker_oldest: 760 }), [240_000, 0, 240_000]);
  assertEquals(lags({ executed: `${uuid}:1-8` }), [300_000, 0, 300_000]);
  const why = (rest: Record<string, string | number | null>) => lags(rest)[0];
  assertEquals(why({ member_state: "RECOVERING" }), { unknown: "this member of its group is RECOVERING" });
  assertEquals(why({ member_state: null }), { unknown: "this member of its group is OFFLINE" });
  assertEquals(why({ unreachable: 1 }), 0);
  assertEquals(why({ unreachable: 2 }), {
    unknown: "the group has no majority here: 2 of 3 members are unreachable",
  });
  assertEquals(why({ unreachable: 2, executed: `${uuid}:1-8`, worker_oldest: 760 }), {
    unknown: "the group has no majority here: 2 of 3 members are unreachable",
    atLeast: 240_000,
  });
  assertEquals(why({ certifying: 5 }), { unknown: "certification hangs: 5 transactions wait for it" });
  assertEquals(why({ certifying: 5, last_committed: 999, last_queued: 999.1 }), 0, "it goes on");
  assertEquals(why({ certifying: 5, member_primary: 1 }), 0, "its own transactions");
  assertEquals(channelOfTables(row).source.address, "group: 10.0.0.1:3306, 10.0.0.2:3306");
  assertEquals(channelOfTables({ ...row, others: null }).source.address, "group: no other member");
});

Deno.test("a link that hears nothing, not even heartbeats, is not believed", () => {
  const hung = channel({ silent: 60_001, received: at(9), executed: at(9) });
  const unknown = { unknown: "replication hears nothing from its source, not even a heartbeat" };
  const methods = { lag_apply: "replica status" } as const;
  assertEquals(measure([hung]), { lag: unknown, lag_fetch: unknown, lag_apply: 0, methods });
  assertEquals(measure([hung], watched("")).lag, 100);
  assertEquals(measure([{ ...hung, silent: 60_000 }]).lag, 0);
  assertEquals(measure([{ ...hung, heartbeatInterval: 0 }]).lag, 0, "heartbeats are turned off");
});

Deno.test("listen() times the silence of a link that the server does not time", () => {
  let links: Links = {};
  const silence = (rest: Partial<Channel>, now: number) => {
    const result = listen(links, [channel(rest)], now);
    links = result.links;
    return result.channels[0]!.silent;
  };
  assertEquals(silence({ heard: "1" }, 1000), 0);
  assertEquals(silence({ heard: "1" }, 4000), 3000);
  assertEquals(silence({ heard: "2" }, 5000), 0);
  assertEquals(silence({ heard: "2", receiving: "connecting" }, 6000), 0);
  assertEquals(silence({ heard: "2", silent: 77 }, 7000), 77);
});

Deno.test("further behind than the source was watched for: at least that, or more by another method", () => {
  const far = channel({ received: gtidListPosition("0-1-0")!, executed: gtidListPosition("0-1-0")! });
  const lags = measure([far], watched(""));
  assertEquals([lags.lag, lags.lag_fetch, lags.methods.lag], [9100, 9100, "source positions"]);
  const known = measure([{ ...far, behind: 50_000 }], watched(""));
  assertEquals([known.lag, known.methods.lag], [50_000, "replica status"]);
});

Deno.test("without a channel lag is 0 only on a writable server that follows nobody", () => {
  assertEquals(measure([]), { lag: 0, lag_fetch: 0, lag_apply: 0, methods: {} });
  assertEquals(measure([], { readOnly: true }).lag, {
    unknown: "the server is read-only and has no replication channel",
  });
  assertEquals(measure([], { cluster: "galera" }).lag_fetch, {
    unknown: "galera does not show its lag in the replica status",
  });
  const aurora = measure([], { cluster: "aurora", readOnly: true, aurora: 20 });
  assertEquals([aurora.lag, aurora.methods.lag], [20, "aurora"]);
});

const T: CommitTimestamps = {
  now: 1_000_000,
  queueing: undefined,
  lastCommitted: 990_000,
  lastQueued: 990_010,
  heartbeat: undefined,
  applying: undefined,
};

Deno.test("MySQL's times of commits tell how far the link is behind", () => {
  const fetch = (rest: Partial<CommitTimestamps>) => fetchByTimestamps({ ...T, ...rest });
  const outOfStep = { unknown: "the clocks of this server and its source are not in step" };
  assertEquals(fetch({}), 0, "an idle source");
  assertEquals(fetch({ queueing: 993_000 }), 7000);
  assertEquals(fetch({ lastCommitted: 992_000, lastQueued: 999_500 }), 7500);
  assertEquals(fetch({ lastCommitted: 982_000, lastQueued: 990_000 }), {
    unknown: "the link was behind, and nothing comes any more",
  });
  assertEquals(fetch({ lastCommitted: 982_000, lastQueued: 990_000, heartbeat: 991_000 }), 0);
  assertEquals(fetch({ lastCommitted: 990_900, lastQueued: 990_010 }), 0, "near enough");
  assertEquals(fetch({ lastCommitted: 992_000 }), outOfStep);
  assertEquals(fetch({ queueing: 1_002_000 }), outOfStep);
  assertEquals(fetch({ queueing: 1_000_000 - 40 * 86_400_000 }), outOfStep);
});

Deno.test("MySQL's times of commits tell how far the applier is behind", () => {
  const total = (timestamps: Partial<CommitTimestamps>, rest: Partial<Channel> = {}) =>
    totalByTimestamps(channel({ timestamps: { ...T, ...timestamps }, ...rest }));
  assertEquals(total({}), 0);
  assertEquals(total({ applying: 950_000 }), 50_000);
  assertEquals(total({ queueing: 993_000 }), 7000, "applied as it comes");
  assertEquals(total({}, { executed: at(9) }), 10_000, "the last one is not applied");
  assertEquals(total({}, { executed: at(9), waitsForDelay: true }), 0);
  assertEquals(total({}, { executed: undefined }), {
    unknown: "what was received and what was applied cannot be compared",
  });
  const timestamps = { ...T, applying: 950_000, queueing: 980_000 };
  assertEquals(measure([channel({ timestamps })]), {
    lag: 50_000,
    lag_fetch: 20_000,
    lag_apply: 30_000,
    methods: { lag: "commit timestamps", lag_fetch: "commit timestamps", lag_apply: "commit timestamps" },
  });
});

Deno.test("a heartbeat table tells the total, and nothing where its clock or its writer is off", () => {
  const beats = [{ serverId: 1, age: 8000 }, { serverId: 9, age: 20 }];
  assertEquals(measure([channel()], { beats }), {
    lag: 8000,
    lag_fetch: BLIND,
    lag_apply: 0,
    methods: { lag: "heartbeat table", lag_apply: "replica status" },
  });
  const lag = (...ages: readonly number[]) =>
    lagByHeartbeat(ages.map((age) => ({ serverId: 5, age })), channel());
  assertEquals(lag(90_000, 40), 40, "the youngest, where none is the source's own");
  assertEquals(lag(-500), 0);
  assertEquals(lag(-2000), { unknown: "the clocks of this server and its source are not in step" });
  assertEquals(lag(90_000_000), { unknown: "nobody writes to the heartbeat table" });
  assertEquals(lag(), { unknown: "the heartbeat table has no time that can be read" });
});

Deno.test("beatOf() reads our own table and pt-heartbeat's in either zone", () => {
  const hour = 3_600_000_000;
  const age = (text: number, utc: number | null, local: number | null) =>
    beatOf({ server_id: "1", text, utc, local }).age;
  assertEquals(age(0, 5000, 5000 - hour), 5);
  assertEquals(age(0, -2 * hour, 5000), -7_200_000, "DATETIME is in UTC");
  assertEquals(age(1, 5000, 5000 + hour), 5);
  assertEquals(age(1, 5000 - hour, 5000), 5);
  assertEquals(age(1, null, null), Number.NaN);
});

Deno.test("auroraLagOf() reads the instance's own row", () => {
  const row = { SESSION_ID: "a", lag_ms: "17.5", age: 1 };
  assertEquals(auroraLagOf([row]), 17.5);
  assertEquals(auroraLagOf([{ ...row, SESSION_ID: "MASTER_SESSION_ID" }]), 0);
  assertEquals(auroraLagOf([{ ...row, age: 301 }]), {
    unknown: "Aurora's status of this instance is out of date",
  });
  assertEquals(auroraLagOf([{ ...row, lag_ms: null }]), {
    unknown: "Aurora does not know the lag of this instance",
  });
  assertEquals(auroraLagOf([]), { unknown: "Aurora does not list this instance" });
});
