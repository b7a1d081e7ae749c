import { assertEquals, assertMatch } from "@std/assert";
import { MOVE_STEPS } from "../../src/shards/move/mod.ts";
import { KillPlan, KillReport, VICTIMS } from "./ledger/kills.ts";
import { Progress } from "./ledger/progress.ts";

Deno.test("a seed decides what is killed, and each step comes up for each kind of process", () => {
  const drawn = (seed: number) => {
    const plan = new KillPlan(seed);
    return Array.from({ length: 100 }, () => plan.draw(VICTIMS));
  };
  assertEquals(drawn(5), drawn(5));
  const planned = new Set(drawn(6).flat().map(({ victim, step }) => `${victim} ${step}`));
  assertEquals(planned.size, VICTIMS.length * (MOVE_STEPS.length + 1));
});

Deno.test("the report of kills counts them by step, and names what was never hit", () => {
  const report = new KillReport();
  for (const step of MOVE_STEPS.slice(1)) report.add("router", step);
  report.add("router", "flip");
  const text = report.text(["router"]);
  assertMatch(text, /^flip +2$/m);
  assertMatch(text, /^all +10$/m);
  assertMatch(text, /^never hit: router at requested$/m);
});

Deno.test("the progress of a move is what a mover or a coordinator tells of it", async () => {
  const progress = new Progress();
  progress.begin(3);
  progress.hear("move 3: clean");
  assertEquals(progress.step, undefined);
  const reached = progress.reached("verify", new Promise(() => {}));
  progress.hear("move 4: copy");
  progress.hear('{"event":"shard-move","state":"step","move":"4","step":"freeze"}');
  assertEquals([await reached, progress.step], [true, "freeze"]);
  const missed = progress.reached("clean", new Promise(() => {}));
  progress.hear('{"event":"shard-move","state":"ended","move":"4","step":"aborted"}');
  assertEquals(await missed, false);
});
