import { assertEquals } from "@std/assert";
import { NO_MEMORY, type OutcomeKind, OUTCOMES, outcomesThat } from "../../src/policy/mod.ts";
import { brief, look, policy, rules, settled } from "./fixture.ts";

const KINDS = Object.keys(OUTCOMES) as OutcomeKind[];

/** What the memory has of a kill once it came to this: units of the budget, and what is settled. */
function after(outcome: OutcomeKind) {
  const { decisions, memory } = look(rules([policy({ escalate: 5000 })]), { now: 0 });
  const { spent, settled: kills, shielded } = settled(memory, decisions[0], outcome);
  return [spent.length, kills["execution-1"]?.final, shielded.length];
}

Deno.test("settle() makes of the memory what the outcome's row says", () => {
  const FREE = [0, true, 0];
  const expected: Readonly<Record<OutcomeKind, ReturnType<typeof after>>> = {
    killed: [1, false, 0],
    gone: FREE,
    changed: FREE,
    denied: FREE,
    "rolling-back": [1, true, 0],
    retried: [1, true, 0],
    survived: [1, false, 0],
    unconfirmed: [1, false, 0],
    stale: [0, undefined, 0],
    paused: [0, undefined, 0],
    proxied: [0, undefined, 0],
    journal: [0, undefined, 0],
  };
  assertEquals(Object.fromEntries(KINDS.map((kind) => [kind, after(kind)])), expected);
});

Deno.test("settle() lets what was not tried be selected again, and what was refused not", () => {
  const asked = rules([policy()]);
  const { decisions, memory } = look(asked, { now: 0 });
  const again = (outcome: OutcomeKind) =>
    brief(look(asked, { now: 1000, memory: settled(memory, decisions[0], outcome) }).decisions);
  assertEquals(KINDS.filter((kind) => again(kind).length > 0), ["stale", "paused", "proxied", "journal"]);
  assertEquals(again("stale"), ["long act 1"]);
});

Deno.test("settle() after an escalation that was not tried goes back to the kill before it", () => {
  const asked = rules([policy({ escalate: 5000 })]);
  const first = look(asked, { now: 0 });
  const second = look(asked, { now: 5000, memory: first.memory });
  assertEquals(second.decisions.map(({ action }) => action), ["kill connection"]);
  const memory = settled(second.memory, second.decisions[0], "journal");
  assertEquals([memory.settled, memory.spent], [first.memory.settled, first.memory.spent]);
});

Deno.test("settle() changes nothing where all was forgotten meanwhile", () => {
  const { decisions } = look(rules([policy()]), { now: 0 });
  for (const kind of KINDS) assertEquals(settled(NO_MEMORY, decisions[0], kind), NO_MEMORY, kind);
});

Deno.test("OUTCOMES: what may have touched a session costs the budget, keeps evidence, and counts", () => {
  for (const kind of KINDS) {
    const { spends, keeps_evidence, counts_as } = OUTCOMES[kind];
    assertEquals(keeps_evidence, spends === "kept", kind);
    if (keeps_evidence) assertEquals(counts_as !== null, true, kind);
  }
  assertEquals(KINDS.filter((kind) => OUTCOMES[kind].counts_as === "kill"), [
    "killed",
    "rolling-back",
    "retried",
  ]);
  assertEquals(outcomesThat("refunded"), ["gone", "changed", "denied"]);
});

Deno.test("each outcome is explained, in words of its own", () => {
  const meanings = KINDS.map((kind) => OUTCOMES[kind].meaning);
  assertEquals(new Set(meanings).size, meanings.length);
  assertEquals(meanings.filter((meaning) => !/^[a-z].{9,}[^.]$/.test(meaning)), []);
});
