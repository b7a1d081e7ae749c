import { assertEquals } from "@std/assert";
import { gates, type Health, NO_MEMORY, type Session, verdicts } from "../../src/policy/mod.ts";
import { policy, type PolicyText, rules, session } from "./fixture.ts";

const ESTABLISHED = { running: 5, connections: 5 };

/** What `explain` would show of sessions. */
function shown(
  policies: readonly PolicyText[],
  sessions: readonly Session[],
  health: Health = {},
) {
  const asked = rules(policies.map((text) => policy(text)), { mode: "dry-run" });
  const snapshot = {
    at: 0,
    health,
    sessions,
    counts: ESTABLISHED,
    server: { server: "one", started: 1 },
    own: { user: "sniper", program: "query-sniper" },
  };
  const found = gates({ health }, asked, NO_MEMORY, { now: 0, wall: 0 });
  return verdicts(snapshot, found, asked, NO_MEMORY, 0);
}

Deno.test("verdicts() says of each session whether each policy selects it, and what would become of it", () => {
  const sessions = [
    session(),
    session({ id: 2, time: 1000 }),
    session({ id: 3, time: { unknown: "the server shows no time" } }),
  ];
  const found = shown([{ where: "time > limits.query_time" }, {
    name: "log",
    where: "user = 'app'",
    then: "log",
  }], sessions);
  assertEquals(found.map(({ session, never }) => [session.id, never]), [[1, undefined], [2, undefined], [
    3,
    undefined,
  ]]);
  assertEquals(
    found.map(({ policies }) =>
      policies.map((
        { policy, selects, decision },
      ) => [policy, selects, decision?.verdict, decision?.session.id])
    ),
    [
      [["long", true, "would-kill", 1], ["log", true, "match", 1]],
      [["long", false, undefined, undefined], ["log", true, "match", 2]],
      [["long", null, undefined, undefined], ["log", true, "match", 3]],
    ],
  );
  assertEquals(found[1]!.policies[0], {
    policy: "long",
    selects: false,
    because: [{ expression: "time > limits.query_time", left: "1s", right: "10s" }],
  });
});

Deno.test("verdicts() asks no policy about a session that is never selected, and says why that is so", () => {
  const [found] = shown([{ where: "always" }], [session({ user: "sniper" })]);
  assertEquals([found!.never, found!.policies], ["it is of this program's account", []]);
});

Deno.test("verdicts() says that kill query does nothing to a session that runs nothing", () => {
  const idle = [session({ running: false })];
  assertEquals(shown([{ where: "idle_time > 10s" }], idle)[0]!.policies, [
    { policy: "long", selects: false, because: [{ expression: "running", left: "false" }] },
  ]);
  const [unselected] = shown([{ where: "user = 'other'" }], idle);
  assertEquals(unselected!.policies[0]!.because.map(({ expression }) => expression), ["user = 'other'"]);
  const [ended] = shown([{ where: "idle_time > 10s", then: "kill connection" }], idle);
  assertEquals([ended!.policies[0]!.selects, ended!.policies[0]!.decision?.verdict], [true, "would-kill"]);
});

Deno.test("verdicts() shows what a gate that is open, but not for long enough, will come to; a closed one not", () => {
  const policies = [{ when: "lag > 30s", for: 60_000 }];
  const decided = (lag: number) => {
    const { selects, decision } = shown(policies, [session()], { lag })[0]!.policies[0]!;
    return [selects, decision?.verdict];
  };
  assertEquals(decided(31_000), [true, "would-kill"]);
  assertEquals(decided(1000), [true, undefined]);
});

Deno.test("verdicts() judges by the database's values as well, and says by what they were measured", () => {
  const where = "lag > 30s and time > 10s";
  const [found] = shown([{ where }], [session()], { lag: 31_000 });
  assertEquals(found!.policies[0]!.because, [
    { expression: "lag > 30s", left: "31s", right: "30s" },
    { expression: "time > 10s", left: "1m", right: "10s" },
  ]);
});
