import { assertEquals, assertThrows } from "@std/assert";
import { ACTION_NAMES, actionOf, ACTIONS, claims, KILLS, type Policy } from "../../src/policy/mod.ts";
import { DATABASE_DOMAIN } from "../../src/mysql/mod.ts";
import { look, policy, rules, session } from "./fixture.ts";

Deno.test("ACTIONS: what only looks on costs nothing and claims nobody, and whatever ends something does both", () => {
  for (const action of ACTION_NAMES) {
    const { acts_on, share_of, claims, escalates_to } = ACTIONS[action];
    assertEquals([share_of !== null, claims], [acts_on !== null, acts_on !== null], action);
    if (escalates_to !== null) {
      assertEquals(actionOf(ACTIONS, escalates_to).escalates_to, null, "there are two steps at most");
    }
  }
});

Deno.test("claims() is of what acts, and of armed policies", () => {
  const claiming = (mode?: "dry-run") =>
    ACTION_NAMES.filter((then) => claims(policy({ then, ...mode && { mode } }), DATABASE_DOMAIN));
  assertEquals(claiming(), ["kill query", "kill connection"]);
  assertEquals(claiming("dry-run"), []);
});

/** What each action makes of a session, by itself. */
function verdictOn(running: boolean): readonly (readonly [Policy["then"], string])[] {
  return ACTION_NAMES.map((then) => {
    const where = "running or idle";
    const { decisions } = look(rules([policy({ then, where })]), { sessions: [session({ running })] });
    return [then, decisions.map(({ verdict, action }) => `${verdict} ${action}`).join()] as const;
  });
}

Deno.test("decide() does to a session what its action acts on", () => {
  assertEquals(verdictOn(true), [
    ["log", "match log"],
    ["kill query", "act kill query"],
    ["kill connection", "act kill connection"],
  ]);
  assertEquals(verdictOn(false), [
    ["log", "match log"],
    ["kill query", ""],
    ["kill connection", "act kill connection"],
  ]);
});

Deno.test("each action is explained, and those that do something to a session are told apart", () => {
  const meanings = ACTION_NAMES.map((action) => ACTIONS[action].meaning);
  assertEquals(new Set(meanings).size, meanings.length);
  assertEquals(meanings.filter((meaning) => !/^[a-z].{9,}[^.]$/.test(meaning)), []);
  assertEquals(KILLS, ["kill query", "kill connection"]);
});

Deno.test("nothing is decided by an action that the domain does not have", () => {
  for (const then of ["drain", "constructor"]) {
    assertThrows(() => look(rules([policy({ then })]), {}), TypeError, `There is no such action: "${then}"`);
  }
  const known = { ...DATABASE_DOMAIN, actions: { ...ACTIONS, drain: ACTIONS["kill connection"] } };
  const { decisions } = look(rules([policy({ then: "drain" })], { domain: known }), {});
  assertEquals(decisions.map(({ verdict, action }) => `${verdict} ${action}`), ["act drain"]);
});
