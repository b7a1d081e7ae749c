import { assertEquals } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import type { Event } from "../../src/events/mod.ts";
import type { Decision, OutcomeKind } from "../../src/policy/mod.ts";
import type { Execution, Executor } from "../../src/target/mod.ts";
import { Kills } from "../../src/watch/kills.ts";
import { Pauses } from "../../src/watch/pause.ts";
import { WatchCounters } from "../../src/watch/watch_counters.ts";
import { look, policy, rules, session } from "../policy/fixture.ts";

/** An executor whose kills end when a test says so. */
class HeldExecutor implements Executor {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, () => void>();

  async carryOut(decisions: readonly Decision[], { report }: Execution): Promise<void> {
    await Promise.all(decisions.map(async (decision) => {
      const name = `${decision.session.id} ${decision.session.execution}`;
      this.begun.push(name);
      await new Promise<void>((resolve) => this.#ends.set(name, resolve));
      report({ decision, outcome: "survived" as OutcomeKind, took_ms: 1 });
    }));
  }

  async end(name: string): Promise<void> {
    this.#ends.get(name)!();
    await turn();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function decisionsOf(
  ...sessions: readonly (readonly [id: number, execution: string])[]
): readonly Decision[] {
  return look(rules([policy()]), {
    sessions: sessions.map(([id, execution]) => session({ id, execution })),
  }).decisions;
}

Deno.test("the next step against a session waits for what came of the one before, and for no other session", async () => {
  const told: Event[] = [];
  const executor = new HeldExecutor();
  const kills = new Kills({ name: "orders", rules: rules([policy()]) }, {
    signal: new AbortController().signal,
    journal: undefined,
    pause: new Pauses("/nonexistent/pause", { clock: systemClock }),
    chronicle: undefined,
    emit: (event) => void told.push(event),
  }, { counters: new WatchCounters(0), evidence: undefined });
  kills.begin(executor, decisionsOf([1, "a"], [2, "a"]));
  kills.begin(executor, decisionsOf([1, "b"], [3, "a"]));
  await turn();
  assertEquals(executor.begun, ["1 a", "2 a", "3 a"]);
  await executor.end("1 a");
  assertEquals(executor.begun, ["1 a", "2 a", "3 a", "1 b"], "while 2 is still under way");
  kills.begin(executor, decisionsOf([1, "c"]));
  await turn();
  assertEquals(executor.begun.length, 4);
  for (const name of ["1 b", "2 a", "3 a"]) await executor.end(name);
  assertEquals(executor.begun.at(-1), "1 c");
  await executor.end("1 c");
  await kills.end();
  assertEquals(told.length, 5);
  kills.begin(executor, decisionsOf([1, "d"]));
  await executor.end("1 d");
  await kills.end();
  assertEquals(executor.begun.at(-1), "1 d");
});
