import { assert, assertEquals } from "@std/assert";
import { type Decision, forget, type Memory, NO_MEMORY, type Rules } from "../../src/policy/mod.ts";
import type { RecordedDatabase, RecordedDecision, RecordedLook } from "../../src/recording/recording.ts";
import { newReplay, type Replay } from "../../src/recording/replay.ts";
import { brief, expression, policy, rules, session } from "../policy/fixture.ts";
import { lookAt, recordOf, type Shown } from "./recording_fixture.ts";

/** A database by one configuration, as it comes out of a file. */
async function record(
  shown: readonly (Shown & { readonly connected?: number })[],
  rules: Rules,
  hashed?: string,
): Promise<{ readonly kept: RecordedDatabase; readonly looks: readonly RecordedLook[] }> {
  const { kept, record } = recordOf(rules, hashed);
  const looks: RecordedLook[] = [];
  let memory: Memory = NO_MEMORY;
  let before = 0;
  for (const { connected = 0, ...each } of shown) {
    if (connected !== before) memory = forget(memory, { now: connected, grace: rules.grace });
    before = connected;
    const found = await lookAt(each, rules, memory);
    memory = found.memory;
    looks.push(record(found, connected));
  }
  return JSON.parse(JSON.stringify({ kept, looks }));
}

/** The decisions of a replay, look by look. */
async function replayAll(
  replay: Replay,
  looks: readonly RecordedLook[],
): Promise<readonly (readonly Decision[])[]> {
  const decisions: (readonly Decision[])[] = [];
  for (const look of looks) decisions.push((await replay.look(look)).decisions);
  return decisions;
}

function recordedBrief(decisions: readonly RecordedDecision[]): readonly string[] {
  return decisions.map(({ policy, verdict, reason, session }) => `${policy} ${reason ?? verdict} ${session}`);
}

const INCIDENT = rules([
  policy({ name: "gated", when: "lag > 30s", for: 2000, where: "time > 10s", victims: { limit: 2 } }),
  policy({
    name: "nightly",
    where: "sql like '%night%' and time > 5s",
    settle: { wait: 3000, giveUpAfter: 2 },
  }),
  policy({ name: "idlers", where: "idle and idle_time > 10s", then: "kill connection" }),
  policy({ name: "shadow", mode: "dry-run", where: "running" }),
  policy({ name: "watched", where: "pins_purge and transaction_time > 1s", then: "log" }),
  policy({ name: "roots", where: "blocking > 0 or pins_purge", then: "kill connection", rollback: "any" }),
], {
  protect: [expression("user = 'backup' or sql like '%keep%'", "session")],
  budget: { kills: 6, per: 20_000, share: 50, atLeast: 1 },
});

/** Numbers that look random, and are the same at every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor(state / 65536) % below;
  };
}

/** An hour of a database with many kinds of sessions that come and go. */
function incident(seed: number): readonly (Shown & { readonly connected: number })[] {
  const pick = numbers(seed);
  const reason = { unknown: "not told" };
  return Array.from({ length: 60 }, (_, index) => {
    const now = index * 1000;
    return {
      now,
      connected: index < 40 ? 0 : 39_500,
      health: { lag: pick(4) === 0 ? reason : pick(80) * 1000, hll: pick(1000) },
      sessions: Array.from({ length: 12 }, (_, id) => {
        const running = pick(3) > 0;
        const age = pick(20) * 1000;
        return session({
          id,
          running,
          user: ["app", "backup", "root", "sniper"][pick(4)]!,
          sql: ["SELECT 'night'", "SELECT 'keep'", "SELECT 1", "ALTER TABLE t ADD c INT", "COMMIT"][pick(5)]!,
          ...running ? { time: pick(9) === 0 ? reason : age } : { idle_time: age },
          execution: `${id}:${Math.floor((index + id) / 7)}`,
          rows_modified: pick(5) === 0 ? 1e6 : 0,
          pins_purge: [true, false, reason][pick(3)]!,
          transaction_time: pick(5000),
          blocking: pick(4) === 0 ? 1 : 0,
        });
      }),
    };
  });
}

Deno.test("what a replay decides is what was decided when it was recorded", async () => {
  const verdicts = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    for (const hashed of [undefined, "salt"]) {
      const { kept, looks } = await record(incident(seed), INCIDENT, hashed);
      const replay = newReplay(INCIDENT, kept, hashed === undefined ? {} : { hashed });
      assertEquals(replay.notRecorded, []);
      const replayed = await replayAll(replay, looks);
      for (const [index, look] of looks.entries()) {
        const expected = recordedBrief(look.decisions);
        assertEquals(brief(replayed[index]!), expected, `seed ${seed}, look ${index}`);
        for (const { verdict, reason } of look.decisions) verdicts.add(reason ?? verdict);
      }
    }
  }
  // The incident is one: nothing that a look can say is left out.
  assertEquals([...verdicts].toSorted(), [
    "budget",
    "grace",
    "match",
    "needs-verb",
    "protected",
    "rollback-cost",
    "settle",
    "unknown",
    "victims-limit",
    "would-kill",
  ]);
});

Deno.test("a policy that asks for what was not recorded is named, and not replayed", async () => {
  const { kept, looks } = await record(incident(1), INCIDENT);
  const changed = rules([
    policy({ name: "queue", when: "metric.queue > 3" }),
    policy({ name: "tagged", where: "tag.job = 'x' or attribute.os = 'y'", then: "log" }),
    policy({ name: "text", where: "sql like '%other%' and not sql like '%night%'" }),
    policy({ name: "idlers", where: "idle and idle_time > 15s", then: "kill connection" }),
  ]);
  const replay = newReplay(changed, kept, {});
  assertEquals(replay.notRecorded, [
    { policy: "queue", missing: ["metric.queue"] },
    { policy: "tagged", missing: ["tag.job", "attribute.os"] },
    { policy: "text", missing: ["sql like '%other%'"] },
  ]);
  const decisions = (await replayAll(replay, looks)).flat();
  assert(decisions.length > 0);
  assertEquals([...new Set(decisions.map(({ policy }) => policy))], ["idlers"]);
});

Deno.test("who is protected by what was not recorded, nobody knows: no policy that kills is replayed", async () => {
  const { kept } = await record(incident(1), INCIDENT);
  const changed = rules(
    [policy({ name: "kills" }), policy({ name: "looks", then: "log" })],
    { protect: [expression("sql like '%other%'", "session")] },
  );
  const { notRecorded } = newReplay(changed, kept, {});
  assertEquals(notRecorded, [{ policy: "kills", missing: ["sql like '%other%'"] }]);
});

Deno.test("where names are hashed, a policy may ask for those that the recorder's policies asked for", async () => {
  const asked = rules([policy({ where: "user = 'kim' and running" })]);
  const sessions = [session({ user: "kim" }), session({ id: 2 })];
  const { kept, looks } = await record([{ now: 0, health: {}, sessions }], asked, "salt");
  const header = { hashed: "salt" };
  const replayed = async (where: string) => {
    const replay = newReplay(rules([policy({ where })]), kept, header);
    return [
      ...replay.notRecorded.map(({ missing }) => missing),
      ...(await replayAll(replay, looks)).map(brief),
    ];
  };
  assertEquals(await replayed("user = 'kim' and time > 5s"), [["long would-kill 1"]]);
  assertEquals(await replayed("not user = 'kim'"), [["long would-kill 2"]]);
  assertEquals(await replayed("user = 'joe'"), [["user = 'joe'"], []]);
});

Deno.test("what a proxy told of sessions is recorded, and decides in a replay too", async () => {
  const sessions = [
    session({ id: 1, running: false, idle_time: 60_000, pooled: true, ends_by: { unknown: "nobody's" } }),
    session({ id: 2, client_host: "10.1.1.1", ends_by: { unknown: "the proxy is silent" } }),
    session({ id: 3, client_host: "10.1.1.2", ends_by: "proxy" }),
    session({ id: 4, client_host: { unknown: "nobody agrees" }, ends_by: "server" }),
  ];
  const asked = rules([
    policy({ name: "all", where: "running or idle", then: "kill connection" }),
    policy({ name: "one", where: "client_host = '10.1.1.1'" }),
  ]);
  const { kept, looks } = await record([{ now: 0, health: {}, sessions }], asked);
  const [decided] = await replayAll(newReplay(asked, kept, {}), looks);
  assertEquals(brief(decided!), recordedBrief(looks[0]!.decisions));
  assertEquals(brief(decided!), [
    "all pooled 1",
    "all proxied 2",
    "all would-kill 3",
    "all would-kill 4",
    "one would-kill 2",
  ]);
});
