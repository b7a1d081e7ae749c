import { assertEquals } from "@std/assert";
import { type Memory, NO_MEMORY, REASONS, reasonsThat, type SkipReason } from "../../src/policy/mod.ts";
import { brief, expression, look, policy, type PolicyText, rules, session } from "./fixture.ts";

/** What a policy is asked about, and what keeps it from that. */
interface Obstacle {
  readonly policy?: PolicyText;
  readonly session?: Parameters<typeof session>[0];
  readonly rules?: Parameters<typeof rules>[1];
  readonly memory?: Partial<Memory>;
}

const ROUND = { since: 0, best: { "lag > 1s": 2 }, improved: false, fruitless: 0 };
const WAITING = { settling: { long: ROUND } };
const GATED = { when: "lag > limits.lag", settle: { wait: 5000, giveUpAfter: 1 } };

/** A reason is brought about by one of these, but for `stale`: that is no decision. */
const OBSTACLES: Readonly<Record<Exclude<SkipReason, "stale">, Obstacle>> = {
  protected: { rules: { protect: [expression("user = 'app'", "session")] } },
  "protected-unknown": {
    rules: { protect: [expression("program = 'x'", "session")] },
    session: { program: { unknown: "not read" } },
  },
  "needs-verb": { session: { sql: "ALTER TABLE t ADD c INT" } },
  unknown: { session: { prepared: { unknown: "not read" } } },
  "rollback-cost": { session: { rows_modified: 1_000_000 } },
  holds: {
    policy: { where: "idle_time > 10s", then: "kill connection" },
    session: { running: false, holds_user_lock: true },
  },
  pooled: { session: { pooled: true } },
  proxied: {
    policy: { then: "kill connection" },
    session: { ends_by: { unknown: "the proxy is silent" } },
  },
  budget: {
    rules: { budget: { kills: 1, per: 60_000, share: 100, atLeast: 1 } },
    memory: { spent: [{ at: 10_000, policy: "other", action: "kill query" }] },
  },
  "victims-limit": { policy: { victims: { limit: 0 } } },
  settle: { policy: GATED, memory: { settling: { long: { ...ROUND, since: 9999 } } } },
  "gave-up": { policy: GATED, memory: WAITING },
  grace: { memory: { holdUntil: 10_001 } },
  denied: { memory: { shielded: ['["app","10.0.0.5"]'] } },
  paused: { memory: { hold: { reason: "paused" } } },
  journal: { memory: { hold: { reason: "journal" } } },
  lease: { memory: { hold: { reason: "lease" } } },
};

/** What a proxy's connection is spared from is to end it, which its statement is not. */
function nextOf({ session = {} }: Obstacle): "kill query" | "kill connection" {
  return "ends_by" in session ? "kill query" : "kill connection";
}

/** What the first of two policies that are alike, but for what keeps it, and the second say of a session. */
function saidOf(obstacle: Obstacle): readonly string[] {
  const asked = rules(
    [policy(obstacle.policy), policy({ name: "next", then: nextOf(obstacle), where: "running or idle" })],
    obstacle.rules,
  );
  const { decisions } = look(asked, {
    sessions: [session(obstacle.session)],
    health: { lag: 60_000 },
    memory: { ...NO_MEMORY, ...obstacle.memory },
    now: 10_000,
  });
  return brief(decisions);
}

Deno.test("a session that is skipped falls through to the next policy, unless the reason claims it", () => {
  for (const [reason, obstacle] of Object.entries(OBSTACLES)) {
    const [first, ...rest] = saidOf(obstacle);
    assertEquals(first, `long ${reason} 1`);
    assertEquals(rest.length, REASONS[reason as SkipReason].claims ? 0 : 1, `${reason}: ${rest.join()}`);
  }
});

Deno.test("what claims, holds all, and can be tested is what was agreed on", () => {
  assertEquals(reasonsThat("claims").toSorted(), [
    ...[
      "budget",
      "denied",
      "grace",
      "journal",
      "lease",
      "paused",
      "pooled",
      "protected",
      "protected-unknown",
      "stale",
    ],
  ]);
  assertEquals(reasonsThat("holds_all"), ["grace", "paused", "journal", "lease"]);
  assertEquals(reasonsThat("for_good"), ["holds"]);
  const untested = ["proxied", "denied", "paused", "journal", "lease", "stale"] as const;
  const tested = Object.keys(REASONS).filter((reason) => !untested.some((each) => each === reason));
  assertEquals<readonly string[]>(reasonsThat("in_tests"), tested);
});

Deno.test("each reason is explained, in words of its own", () => {
  const meanings = Object.values(REASONS).map(({ meaning }) => meaning);
  assertEquals(new Set(meanings).size, meanings.length);
  assertEquals(meanings.filter((meaning) => !/^[a-z`].{5,}[^.]$/.test(meaning)), []);
});
