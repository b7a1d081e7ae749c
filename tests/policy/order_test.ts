import { assertEquals } from "@std/assert";
import type { Policy } from "../../src/policy/mod.ts";
import { look, policy, rules, session } from "./fixture.ts";

type Rest = NonNullable<Parameters<typeof session>[0]>;

const UNKNOWN = { unknown: "the server shows no time" };

/** The ids of sessions in the order in which a policy would act on them. */
function ordered(order: Policy["victims"]["order"], rests: readonly Rest[]): readonly number[] {
  const sessions = rests.map((rest, index) => session({ id: index + 1, ...rest }));
  const asked = rules([policy({ where: "always", then: "kill connection", victims: { order } })]);
  return look(asked, { sessions }).decisions.map(({ session }) => session.id);
}

Deno.test("ages order victims, whether they run or rest; whoever has no known age comes last in either order", () => {
  const sessions = [
    { time: UNKNOWN },
    { time: 20_000 },
    { running: false, idle_time: 30_000 },
    { time: 10_000 },
    { running: false, idle_time: UNKNOWN },
  ];
  assertEquals(ordered("oldest", sessions), [3, 2, 4, 1, 5]);
  assertEquals(ordered("newest", sessions), [4, 2, 3, 1, 5]);
});

Deno.test("whom most wait for comes first, what is known in part counts for that part, then the oldest", () => {
  const sessions = [
    { blocking: { unknown: "no right" }, time: 99_000 },
    { blocking: 0, time: 20_000 },
    { blocking: { unknown: "more may wait", atLeast: 2 } },
    { blocking: 1 },
    { blocking: 0, time: 30_000 },
    { time: 98_000 },
  ];
  assertEquals(ordered("most-blocking", sessions), [3, 4, 5, 2, 1, 6]);
});
