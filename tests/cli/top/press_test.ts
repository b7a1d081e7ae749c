import { assertEquals } from "@std/assert";
import type { Model } from "../../../src/cli/commands/top/model.ts";
import { chosenOf, type Effect, press, withCursor } from "../../../src/cli/commands/top/press.ts";
import { asked, database, explanation, gate, model, NOW, session } from "./fixture.ts";

/** The model after some keys, and all that they asked for. */
function after(
  start: Model,
  ...keys: readonly string[]
): { readonly model: Model; readonly effects: readonly Effect[] } {
  const effects: Effect[] = [];
  const end = keys.reduce((before, key) => {
    const { model, effect } = press(before, key);
    if (effect !== undefined) effects.push(effect);
    return withCursor(model);
  }, withCursor(start));
  return { model: end, effects };
}

const FLEET = model({
  databases: [
    database("fine"),
    database("hurt", { gates: [gate("impacted")] }),
    database("away", { reach: "unreachable" }),
  ],
});

const OPENED = model({
  ...{ databases: [database("orders"), database("other")], view: "database", opened: "orders" },
  look: explanation([session(5), session(7), session(6)]),
});

const ASKED = asked(7);

Deno.test("the cursor is on the worst database, moves, and stays within the list", () => {
  assertEquals(chosenOf(after(FLEET).model), "hurt");
  assertEquals(after(FLEET, "down").model.chosen, "away");
  assertEquals(after(FLEET, "down", "down", "down").model.chosen, "fine");
  assertEquals(after(FLEET, "end", "up").model.chosen, "away");
  assertEquals(after(FLEET, "page-down", "home").model.chosen, "hurt");
});

Deno.test("before somebody moves the cursor it stays on the worst, then on what was chosen", () => {
  const worse = [...FLEET.databases, database("worse", { gates: [gate("impacted")], values: { lag: 9e6 } })];
  assertEquals(chosenOf({ ...after(FLEET).model, databases: worse }), "worse");
  assertEquals(chosenOf({ ...after(FLEET, "down", "up").model, databases: worse }), "hurt");
});

Deno.test("Enter opens a database, Tab turns between the views, and Esc closes it", () => {
  const opened = after(FLEET, "down", "enter");
  assertEquals(opened.effects, [{ kind: "open", database: "away" }]);
  assertEquals([opened.model.view, opened.model.opened], ["database", "away"]);
  const turned = after(FLEET, "enter", "tab", "tab");
  assertEquals([turned.model.view, turned.effects.length], ["database", 1], "it is not opened twice");
  const closed = after(FLEET, "enter", "escape");
  assertEquals(closed.effects.at(-1), { kind: "open", database: undefined });
  assertEquals([closed.model.view, closed.model.opened], ["fleet", undefined]);
});

Deno.test("of a single database there is nothing to go back to", () => {
  const only = { ...OPENED, databases: [database("orders")] };
  assertEquals(after(only, "escape").model.view, "database");
});

Deno.test("no session is chosen before somebody chooses one, and k asks for the one that is", () => {
  assertEquals(after(OPENED, "k").effects, []);
  assertEquals(after(OPENED, "k").model.note?.text, "No session is chosen");
  const { effects } = after(OPENED, "down", "down", "k");
  assertEquals(effects, [{ kind: "ask", session: 6 }], "the oldest comes first: 7, 6, 5");
});

Deno.test("a cursor whose session has ended is on no other one", () => {
  const { model: chosen } = after(OPENED, "down");
  assertEquals(chosen.session, 7);
  const without = withCursor({ ...chosen, look: explanation([session(5), session(6)]) });
  assertEquals(without.session, undefined);
  assertEquals(press(without, "k").effect, undefined);
});

Deno.test("only y kills what was asked about; c changes how; any other key leaves it alone", () => {
  const waiting = { ...OPENED, asked: ASKED };
  assertEquals(press(waiting, "y"), { model: waiting, effect: { kind: "kill" } });
  const turned = press(waiting, "c").model.asked!;
  assertEquals([turned.action, turned.other], ["kill connection", "kill query"]);
  for (const key of ["n", "Y", "k", "enter", "escape", "q", "up", "down", " "]) {
    const { model, effect } = press(waiting, key);
    assertEquals([effect, model.asked, model.note?.text], [undefined, undefined, "Nothing was killed"], key);
  }
  assertEquals(press(waiting, "interrupt").effect, { kind: "quit" });
});

Deno.test("an idle session has no statement to kill: c changes nothing", () => {
  const { other: _, ...only } = ASKED;
  const waiting: Model = { ...OPENED, asked: { ...only, action: "kill connection" } };
  assertEquals(press(waiting, "c").model.note?.text, "Nothing was killed");
});

Deno.test("a filter is typed, corrected, kept and dropped; keys are letters meanwhile", () => {
  const typing = after(FLEET, "/", "q", "k", "backspace", "日");
  assertEquals([typing.model.filter, typing.effects], ["q日", []]);
  assertEquals(chosenOf(after(FLEET, "/", "a", "w", "enter").model), "away");
  assertEquals(after(FLEET, "/", "a", "enter", "escape").model.filter, "");
  assertEquals(after(FLEET, "/", "a", "escape").model.isTyping, false);
});

Deno.test("p freezes the display and lets it go on", () => {
  assertEquals(after(FLEET, "p").model.frozen, NOW);
  assertEquals(after(FLEET, "p", "p").model.frozen, undefined);
  assertEquals(after(FLEET, "p", "enter").model.frozen, undefined, "what is opened is not a still image");
});

Deno.test("q and Ctrl-C quit, from the help as well", () => {
  for (const keys of [["q"], ["interrupt"], ["?", "q"], ["/", "interrupt"]]) {
    assertEquals(after(FLEET, ...keys).effects, [{ kind: "quit" }]);
  }
  assertEquals(after(FLEET, "?", "x").model.help, false);
});
