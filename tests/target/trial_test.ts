// A second kind of target, made up, by the same way as a database: look, policy, executor, journal, log.

import { assertEquals } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { describe, EventStream, logSubscriber } from "../../src/events/mod.ts";
import { Journal } from "../../src/journal/mod.ts";
import { compileExpression, type Scope } from "../../src/language/mod.ts";
import type { Policy, Rules } from "../../src/policy/mod.ts";
import { ConnectPacing, Pauses, watch } from "../../src/watch/mod.ts";
import { intentRows } from "../journal/rows.ts";
import { policy, rules } from "../policy/fixture.ts";
import { type Building, BUILDING_DOMAIN, buildingTarget } from "./doors.ts";

type Line = Readonly<Record<string, unknown>> & { readonly session?: { readonly id: number } };

function expression(source: string, scope: Scope) {
  const { vocabulary } = BUILDING_DOMAIN;
  const compiled = compileExpression(source, { vocabulary, scope, limits: new Map() });
  if (!compiled.ok) throw new Error(compiled.problems.map(({ message }) => message).join("; "));
  return compiled.expression;
}

/** Closes, in a draught, what has been open for a minute, but for the kitchen. */
const DRAUGHT: Policy = {
  ...policy({ name: "draught", then: "close door" }),
  when: expression("draught > 5", "database"),
  where: expression("open_for > 1m", "session"),
};

/** What one look comes to: the events of doors, what the journal has, and the doors that are open still. */
async function trial(
  change: Partial<Rules> & {
    readonly doing?: string;
    readonly draught?: number;
    readonly isFull?: boolean;
    readonly isPaused?: boolean;
  } = {},
) {
  const { doing = "close door", draught = 9, isFull = false, isPaused = false, ...rest } = change;
  const folder = await Deno.makeTempDir();
  const file = `${folder}/${isFull ? "missing/" : ""}journal.sqlite`;
  if (isPaused) await Deno.writeTextFile(`${folder}/pause`, "");
  const doors = [
    { id: 1, room: "hall", openFor: 90_000 },
    { id: 2, room: "hall", openFor: 30_000 },
    { id: 3, room: "fire exit", openFor: 90_000 },
    { id: 4, room: "hall", openFor: undefined },
    { id: 5, room: "kitchen", openFor: 90_000 },
  ];
  const building: Building = { name: "tower", draught, doors: new Map(doors.map((door) => [door.id, door])) };
  const lines: string[] = [];
  const stream = new EventStream({ clock: systemClock, sql: "digest" });
  const log = stream.subscribe(logSubscriber({
    sink: { write: (bytes) => (lines.push(new TextDecoder().decode(bytes)), Promise.resolve(bytes.length)) },
    format: "json",
    color: false,
    level: "debug",
    describe: (event) => describe(event, (need) => need),
  }));
  const journal = new Journal(file, () => {});
  const set = rules([{ ...DRAUGHT, then: doing }], {
    domain: BUILDING_DOMAIN,
    protect: [expression("room = 'kitchen'", "session")],
    lease: false,
    grace: 0,
    ...rest,
  });
  try {
    await watch(buildingTarget(building, systemClock), { name: "tower", interval: 1000, rules: set }, {
      clock: systemClock,
      random: () => 0,
      signal: new AbortController().signal,
      once: true,
      pacing: new ConnectPacing(),
      entries: new Map(),
      journal,
      pause: new Pauses(`${folder}/pause`, { clock: systemClock }),
      emit: (event) => stream.emit(event),
    }).ended;
    await log.flush(1000);
    journal.isUsable(); // a file without tables is none to read
    journal.close();
    const events = lines.join("").trim().split("\n").map((line): Line => JSON.parse(line));
    const told = events.filter(({ event }) => event === "kill").map((event) =>
      [event.session?.id, event.action, event.outcome, event.reason].filter(Boolean).join(" ")
    );
    return { told, events, written: isFull ? [] : journalled(file), open: [...building.doors.keys()] };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function journalled(file: string) {
  return intentRows(file).map(({ policy, action, execution, outcome }) =>
    [policy, action, execution, outcome].join(" ")
  );
}

Deno.test("a made-up kind of target has its action carried out, journalled and logged", async () => {
  const { told, events, written, open } = await trial();
  assertEquals(told, ["5 close door skipped protected", "1 close door killed"]);
  assertEquals(written, ["draught close door door 1 killed"]);
  assertEquals(open, [2, 3, 4, 5], "too short, a fire exit, unknown, protected");
  assertEquals(events.map(({ event }) => event), ["connected", "gate", "kill", "kill"]);
  assertEquals(events.at(-1)!.because, [
    { expression: "draught > 5", left: "9", right: "5" },
    { expression: "open_for > 1m", left: "90s", right: "1m" },
  ]);
});

Deno.test("nothing is done to it in a dry run, without a journal, in a pause, or while all is well", async () => {
  const rehearsed = await trial({ mode: "dry-run" });
  assertEquals(rehearsed.told, ["5 close door skipped protected", "1 close door would-kill"]);
  const full = await trial({ isFull: true });
  assertEquals(full.told, ["5 close door skipped protected", "1 close door skipped journal"]);
  const paused = await trial({ isPaused: true });
  assertEquals(paused.told, ["5 close door skipped protected", "1 close door skipped paused"]);
  const well = await trial({ draught: 0 });
  assertEquals(well.told, []);
  for (const { written, open } of [rehearsed, full, paused, well]) {
    assertEquals([written, open], [[], [1, 2, 3, 4, 5]]);
  }
});

Deno.test("an action that its executor does not know is done to nobody", async () => {
  const { told, written, open } = await trial({ doing: "paint door" });
  assertEquals(told, ["5 paint door skipped protected", "1 paint door denied"]);
  assertEquals([written, open], [[], [1, 2, 3, 4, 5]]);
});
