import { assertEquals } from "@std/assert";
import type { Clock } from "../../src/clock.ts";
import { type Health, type Memory, NO_MEMORY, type Session } from "../../src/policy/mod.ts";
import { withAlike } from "../../src/mysql/reads/alike.ts";
import { type Look, look, type LookOptions } from "../../src/look/look.ts";
import type { HealthRequest, LookSource, SessionFilter } from "../../src/target/mod.ts";
import { needsOf } from "../../src/policy/needs.ts";
import { policy, rules, session } from "../policy/fixture.ts";

/** What was asked of a server that reads sessions in the same round trip, where that is asked for. */
class FakeSource implements LookSource {
  readonly own = { user: "sniper", program: "query-sniper" };
  readonly blind = false;
  readonly asked: string[] = [];
  readonly #health: Health;
  readonly #sessions: readonly Session[];

  constructor(health: Health, sessions: readonly Session[] = [session()]) {
    this.#health = health;
    this.#sessions = sessions;
  }

  health({ sessions: ahead }: HealthRequest) {
    this.asked.push(
      ahead === undefined ? "health" : `health and sessions of ${ahead.wanted?.length ?? "all"}`,
    );
    const report = { identity: { server: "one", started: 1 }, uptime: 3_600_000, readOnly: false };
    return Promise.resolve({ health: this.#health, report, ...ahead && { sessions: this.#sessions } });
  }

  alike(sessions: readonly Session[]) {
    return withAlike(sessions);
  }

  sessions(filter: SessionFilter) {
    this.asked.push(`sessions of ${filter.wanted?.length ?? "all"}`);
    return Promise.resolve(this.#sessions);
  }

  counts() {
    this.asked.push("counts");
    return Promise.resolve({ running: 10, connections: 10 });
  }

  details(sessions: readonly Session[]) {
    this.asked.push("details");
    return Promise.resolve({ sessions, sessionless: [] });
  }

  guards(sessions: readonly Session[]) {
    this.asked.push("guards");
    return Promise.resolve(sessions);
  }
}

const CLOCK: Clock = { now: () => 100_000, wall: () => 0, sleep: () => Promise.resolve() };

async function lookAt(
  health: Health,
  options: Pick<LookOptions, "rules"> & Partial<LookOptions>,
  memory: Memory = NO_MEMORY,
  sessions?: readonly Session[],
): Promise<Look & { readonly asked: readonly string[] }> {
  const source = new FakeSource(health, sessions);
  const found = await look(
    source,
    {
      needs: needsOf(options.rules),
      hold: undefined,
      uptime: 3_600_000,
      ...options,
    },
    { ...memory, holdUntil: 0 },
    CLOCK,
  );
  return { ...found, asked: source.asked };
}

const LAGGING = policy({ name: "lagging", when: "lag > 30s" });
const HISTORY = policy({ name: "history", when: "hll > 1M" });

Deno.test("look() reads sessions in the same round trip once a gate is known to be ready", async () => {
  const options = { rules: rules([LAGGING, HISTORY]) };
  const first = await lookAt({ lag: 42_000, hll: 0 }, options);
  assertEquals(first.asked, ["health", "sessions of 1", "counts", "details", "guards"]);
  const second = await lookAt({ lag: 42_000, hll: 0 }, options, { ...first.memory, settled: {} });
  assertEquals(second.asked, ["health and sessions of 1", "counts", "details", "guards"]);
  assertEquals(second.decisions.map(({ verdict }) => verdict), ["act"]);
});

Deno.test("look() decides by the gates of now, whatever was read ahead", async () => {
  const options = { rules: rules([LAGGING, HISTORY]) };
  const { memory } = await lookAt({ lag: 42_000, hll: 0 }, options);
  const closed = await lookAt({ lag: 0, hll: 0 }, options, { ...memory, settled: {} });
  assertEquals([closed.asked, closed.decisions], [["health and sessions of 1"], []]);
  // For a policy that became ready only now nothing was read ahead.
  const other = await lookAt({ lag: 42_000, hll: 2e6 }, options, { ...memory, settled: {} });
  assertEquals(other.asked, ["health and sessions of 1", "sessions of 2", "counts", "details", "guards"]);
});

Deno.test("look() reads nothing ahead where who is wanted depends on the database's values", async () => {
  const options = { rules: rules([policy({ where: "running and threads_running > 5" })]) };
  const { memory } = await lookAt({ threads_running: 9 }, options);
  const { asked } = await lookAt({ threads_running: 9 }, options, { ...memory, settled: {} });
  assertEquals(asked[0], "health");
});

Deno.test("look() decides nothing before transactions may be read again, and says when that is", async () => {
  const options = { rules: rules([LAGGING]), window: 1000 };
  const early = await lookAt({ lag: 42_000 }, { ...options, causesFrom: 100_300 });
  assertEquals([early.asked, early.decisions], [["health", "sessions of 1"], []]);
  assertEquals([early.deferred, early.next], [true, 100_300]);
  const later = await lookAt({ lag: 42_000 }, { ...options, causesFrom: 100_000 });
  assertEquals(later.decisions.map(({ verdict }) => verdict), ["act"]);
  // Where a policy may kill whatever is to be undone, and asks for nothing of transactions, none are read.
  const any = policy({ name: "any", when: "lag > 30s", rollback: "any" });
  const free = await lookAt({ lag: 42_000 }, { rules: rules([any]), causesFrom: 100_300 });
  assertEquals(free.decisions.map(({ verdict }) => verdict), ["act"]);
});

const OLD = { rules: rules([policy({ where: "running and time > 10s" })]), window: 1000 };

Deno.test("look() reads no sessions again while those that there were cannot be old enough", async () => {
  const first = await lookAt({}, OLD, NO_MEMORY, []);
  assertEquals(first.asked, ["health", "sessions of 1"]);
  const { forecast, memory } = first;
  assertEquals([forecast?.until, forecast?.nobody], [105_000, true]);
  assertEquals((await lookAt({}, { ...OLD, forecast }, memory)).asked, ["health"]);
  const nearly = { ...forecast!, until: 100_400 };
  assertEquals((await lookAt({}, { ...OLD, forecast: nearly }, memory)).next, 100_400);
  const over = await lookAt({}, { ...OLD, forecast: { ...forecast!, until: 100_000 } }, memory, []);
  assertEquals([over.asked, over.forecast?.until], [["health and sessions of 1"], 105_000]);
});

Deno.test("look() reads sessions at every look while one of them may soon be old enough", async () => {
  const { forecast, memory } = await lookAt({}, OLD, NO_MEMORY, [session({ time: 8000 })]);
  assertEquals(forecast?.nobody, false);
  const next = await lookAt({}, { ...OLD, forecast }, memory, []);
  assertEquals([next.asked, next.forecast], [["health and sessions of 1"], undefined]);
});

Deno.test("look() reads sessions whatever was seen of others, or at another server, or while something is remembered", async () => {
  const { forecast, memory } = await lookAt({}, OLD, NO_MEMORY, []);
  const [old] = OLD.rules.policies;
  const lagging = { ...OLD, rules: { ...OLD.rules, policies: [old!, LAGGING] } };
  const open = await lookAt({ lag: 42_000 }, { ...lagging, forecast }, memory, []);
  assertEquals(open.asked, ["health", "sessions of 2"]);
  const report = { identity: { server: "two", started: 1 }, uptime: 3_600_000, readOnly: false };
  const failedOver = await lookAt({}, { ...OLD, forecast }, { ...memory, server: report }, []);
  assertEquals(failedOver.asked, ["health", "sessions of 1"]);
  const spent = [{ at: 99_000, policy: "old", action: "kill query" }] as const;
  const killed = await lookAt({}, { ...OLD, forecast }, { ...memory, spent }, []);
  assertEquals(killed.asked, ["health and sessions of 1"]);
});
