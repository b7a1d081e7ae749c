import { assertEquals } from "@std/assert";
import {
  decisionEvent,
  EVENTS,
  levelOf,
  outcomeEvent,
  redact,
  REPORTED_OUTCOMES,
} from "../../src/events/mod.ts";
import { type OutcomeKind, OUTCOMES } from "../../src/policy/mod.ts";
import { look, policy, rules } from "../policy/fixture.ts";

/** What is told of a kill that came to this: `LEVEL OUTCOME REASON`. */
function told(outcome: OutcomeKind): string {
  const [decision] = look(rules([policy()]), {}).decisions;
  const event = redact(outcomeEvent("shop", { decision: decision!, outcome, took_ms: 1 }), "digest");
  if (event.event !== "kill") throw new Error(event.event);
  return [levelOf(event), event.outcome, event.reason, event.took_ms].join(" ").trim();
}

Deno.test("a kill event tells each outcome, or that nothing was tried and why", () => {
  assertEquals((Object.keys(OUTCOMES) as OutcomeKind[]).map(told), [
    "warning killed  1",
    "info gone  1",
    "info changed  1",
    "error denied  1",
    "warning rolling-back  1",
    "warning retried  1",
    "error survived  1",
    "error unconfirmed  1",
    "info skipped stale",
    "info skipped paused",
    "info skipped proxied",
    "info skipped journal",
  ]);
});

Deno.test("a kill event that nothing was done for matters little", () => {
  const dry = look(rules([policy()], { mode: "dry-run" }), {}).decisions[0]!;
  assertEquals(levelOf(redact(decisionEvent("shop", dry), "digest")), "info");
  const levels = new Set(Object.values(REPORTED_OUTCOMES).map(({ level }) => level));
  assertEquals(levels, new Set(EVENTS.kill.levels), "these are all that its row names");
});
