import { assertEquals } from "@std/assert";
import type { ChangeNews } from "../../../src/shards/coordinator/change_context.ts";
import { toldOnce } from "../../../src/shards/coordinator/told_once.ts";

Deno.test("each step of a change is told once, and what it waits for once for each reason", () => {
  const told: string[] = [];
  const tell = toldOnce((news) => told.push(news.kind === "waiting" ? news.reason : news.kind));
  const change = (step: string) => ({ step }) as ChangeNews["change"];
  const step = (name: string) => tell({ kind: "step", change: change(name) });
  const waiting = (name: string, reason: string) => tell({ kind: "waiting", change: change(name), reason });
  for (let second = 0; second < 3; second++) {
    step("preparing");
    waiting("preparing", "it does not answer");
  }
  waiting("preparing", "held");
  waiting("preparing", "it does not answer");
  step("moving");
  waiting("moving", "it does not answer");
  tell({ kind: "end", change: change("ended") });
  assertEquals(told, [
    "step",
    "it does not answer",
    "held",
    "it does not answer",
    "step",
    "it does not answer",
    "end",
  ]);
});
