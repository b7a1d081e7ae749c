import { assertEquals } from "@std/assert";
import type { Row } from "../../../src/connection/mod.ts";
import {
  carriedOut,
  decisionOn,
  EVENTS,
  GONE,
  LOST,
  RESTS,
  ROW,
  type Script,
  WHOLE_EVENT,
} from "./stand_in.ts";

Deno.test("the effect of a kill is what is seen of it", async () => {
  const connection = [decisionOn({ then: "kill connection" })];
  const cases: readonly (readonly [why: string, script: Script, told: string])[] = [
    ["it left", { lists: [[ROW], GONE] }, "killed 7"],
    ["its statement ended", { lists: [[ROW], [RESTS]] }, "killed 7"],
    ["it runs the next statement", { lists: [[ROW], [{ ...ROW, query_id: 10, time_ms: "1" }]] }, "killed 7"],
    ["nothing yet, and then it left", { lists: [[ROW], [ROW], [ROW], GONE] }, "killed 7"],
    ["it runs on", { lists: [[ROW]] }, "survived 7"],
    ["it runs on, undoing its work", { lists: [[ROW]], rolling: [7] }, "rolling-back 7"],
    ["somebody else undoes work", { lists: [[ROW]], rolling: [8] }, "survived 7"],
    [
      "a connection is there that only rests",
      { decisions: connection, lists: [[ROW], [RESTS]] },
      "survived 7",
    ],
    ["a connection left", { decisions: connection, lists: [[ROW], GONE] }, "killed 7"],
    ["the server did not find it, and it left", { lists: [[ROW], GONE], kills: ["missed"] }, "gone 7"],
    ["not found, and it rests", { lists: [[ROW], [RESTS]], kills: ["missed"] }, "gone 7"],
    [
      "not found, and it runs the next one",
      { lists: [[ROW], [{ ...ROW, query_id: 10, time_ms: "1" }]], kills: ["missed"] },
      "changed 7",
    ],
    [
      "not found, and it runs on",
      { lists: [[ROW]], kills: ["missed"] },
      "stale 7: the server did not find the statement again, although it runs on",
    ],
  ];
  for (const [why, script, expected] of cases) {
    assertEquals((await carriedOut(script)).told, [expected], why);
  }
});

Deno.test("an inner statement of the same CALL is no end of it", async () => {
  const inner = { ...ROW, query_id: 10, time_ms: "60000" };
  assertEquals((await carriedOut({ lists: [[ROW], [inner], GONE] })).took > 0, true, "it is looked at again");
  assertEquals((await carriedOut({ lists: [[ROW], [inner]] })).told, ["survived 7"]);
});

Deno.test("an effect is looked for soon and then less often, for as long as the policy's verify says", async () => {
  const { told, slept, took, outcomes } = await carriedOut({ lists: [[ROW]], verify: () => 1000 });
  assertEquals(told, ["survived 7"]);
  assertEquals(slept, [2, 5, 10, 20, 50, 100, 200, 200, 200, 200, 200]);
  assertEquals([took, outcomes[0]!.took_ms], [1187, 987 + 200]);
  const policies: string[] = [];
  await carriedOut({ lists: [[ROW]], verify: (policy) => (policies.push(policy), 0) });
  assertEquals(policies, ["long"], "at once, where it says nothing");
});

Deno.test("what is not found is asked for again while the decision is young, and is intended once", async () => {
  const { told, kills, written } = await carriedOut({
    lists: [[ROW], [ROW], [ROW], GONE],
    kills: ["missed", "missed", "sent"],
    journal: "works",
  });
  assertEquals([told, kills.length], [["killed 7"], 3]);
  assertEquals(written.map(([what]) => what), ["intent", "outcome"]);
  const old = await carriedOut({ lists: [[ROW]], kills: ["missed"], readingMs: 500 });
  assertEquals([old.told.length, old.kills.length], [1, 2], "two readings are a second: no third kill");
  const ended = await carriedOut({ lists: [[ROW]], kills: ["missed"], endsAtKill: 1 });
  assertEquals(ended.kills.length, 1, "nor once the program is to end");
});

Deno.test("several effects are told each in its own time", async () => {
  const decisions = [decisionOn(), decisionOn({ id: 8, execution: "10" })];
  const second = { ...ROW, id: 8, query_id: 10 };
  const { told, outcomes } = await carriedOut({ decisions, lists: [[ROW, second], [ROW], [ROW], GONE] });
  assertEquals(told, ["killed 8", "killed 7"]);
  assertEquals(outcomes.map(({ took_ms }) => took_ms), [0, 7]);
});

Deno.test("whether it is being undone is not asked once the program is to end", async () => {
  const { told, asked } = await carriedOut({ lists: [[ROW]], endsAtKill: 1 });
  assertEquals([told, asked.rolling], [["unconfirmed 7"], 0]);
});

Deno.test("a decision's own note is told with its outcome, unless there is something else to say", async () => {
  const decisions = [{ ...decisionOn(), note: "its transaction holds" }] as never;
  assertEquals((await carriedOut({ decisions, lists: [[ROW], GONE] })).told, [
    "killed 7: its transaction holds",
  ]);
  assertEquals((await carriedOut({ decisions, lists: [LOST] })).told, [
    "stale 7: not tried: the connection broke",
  ]);
});

const EVENT_ENDED: Row = { ...WHOLE_EVENT, command: "Sleep", end_event_id: 10, end_ms: "1", text: null };

/** What is told of a statement of MySQL that has ended with an error by the second reading. */
async function endedWith(
  errno: number | undefined,
  { sql = "SELECT 1", readingMs = 0 } = {},
): Promise<string> {
  const { told } = await carriedOut({
    decisions: [decisionOn({ execution: "5:9", sql })],
    capabilities: EVENTS,
    lists: [[{ ...WHOLE_EVENT, text: sql }], [EVENT_ENDED]],
    ...errno !== undefined && { errors: { "5:9": errno } },
    readingMs,
  });
  return told.join();
}

Deno.test("a statement was killed that ended with an error of what is killed, or with one that nobody knows", async () => {
  for (const errno of [1317, 1028, 1053, 1927, undefined]) {
    assertEquals(await endedWith(errno), "killed 7", `${errno}`);
  }
  for (const errno of [0, 1205, 1213, 3024]) assertEquals(await endedWith(errno), "gone 7", `${errno}`);
});

Deno.test("a statement that just returns where it is interrupted was killed if it returned at once", async () => {
  const quiet = { sql: "DO SLEEP(9)" };
  assertEquals(await endedWith(0, quiet), "killed 7");
  assertEquals(await endedWith(0, { ...quiet, readingMs: 199 }), "killed 7");
  assertEquals(await endedWith(0, { ...quiet, readingMs: 200 }), "gone 7", "it was over by itself");
  assertEquals(await endedWith(3024, quiet), "gone 7", "its own time limit");
});

Deno.test("the server is asked for the errors of statements that were to be ended, were found, and have ended", async () => {
  const decisions = [
    decisionOn({ execution: "5:9" }),
    decisionOn({ id: 8, execution: "6:1" }),
    decisionOn({ id: 9, execution: "7:1", then: "kill connection" }),
    decisionOn({ id: 10, execution: "8:1" }),
  ];
  const row = (id: number, thread_id: number) => ({ ...WHOLE_EVENT, id, thread_id, event_id: 1 });
  const rows = [WHOLE_EVENT, row(8, 6), row(9, 7), row(10, 8)];
  const ended = { command: "Sleep", end_event_id: 10, end_ms: "1", text: null };
  const { asked, told } = await carriedOut({
    decisions,
    capabilities: EVENTS,
    lists: [rows, [EVENT_ENDED, rows[1]!, { ...rows[2]!, ...ended }, { ...rows[3]!, ...ended }], GONE],
    kills: ["sent", "sent", "sent", "missed"],
  });
  assertEquals(told, ["killed 7", "gone 10", "killed 8", "killed 9"]);
  assertEquals(asked.errors.length, 1, "asked once: the others left");
  assertEquals(asked.errors[0]!.match(/\((\d+, \d+)\)/g), ["(5, 9)", "(5, 9)"]);
});

Deno.test("what is not found is asked for again, each of several", async () => {
  const decisions = [decisionOn(), decisionOn({ id: 8, execution: "10" })];
  const rows = [ROW, { ...ROW, id: 8, query_id: 10 }];
  const { told, kills } = await carriedOut({
    decisions,
    lists: [rows, rows, GONE],
    kills: ["missed", "missed", "sent", "sent"],
  });
  assertEquals([told, kills.length], [["killed 7", "killed 8"], 4]);
});

Deno.test("what is told as not found for too long is concluded in the journal, with how long it took", async () => {
  const { written, outcomes } = await carriedOut({
    lists: [[ROW]],
    kills: ["missed"],
    journal: "works",
    readingMs: 300,
  });
  assertEquals(outcomes.map(({ outcome }) => outcome), ["stale"]);
  assertEquals(outcomes[0]!.took_ms > 0, true);
  assertEquals(written.map(([what, intent]) => [what, intent === "shop" ? 0 : intent]), [["intent", 0], [
    "outcome",
    1,
  ]]);
});

Deno.test("what was not tried took no time", async () => {
  const { outcomes } = await carriedOut({ lists: [GONE], readingMs: 50 });
  assertEquals(outcomes.map(({ took_ms }) => took_ms), [0]);
});

Deno.test("waiting for an effect ends with the program, and does not begin once it is to end", async () => {
  const { slept, interruptible } = await carriedOut({ lists: [[ROW]], verify: () => 50 });
  assertEquals([slept.length > 0, interruptible], [true, slept.length]);
  const ended = await carriedOut({ lists: [[ROW], [ROW], GONE], endsAtKill: 1 });
  assertEquals([ended.told, ended.interruptible], [["killed 7"], 0], "a sleep that has ended would be none");
});

Deno.test("of a statement that just returns, the server's own time tells whether that was at once, however late it is seen", async () => {
  const ended = async (
    ran: number,
    { readingMs, time = 60_000 }: { readonly readingMs: number; readonly time?: number },
  ) => {
    const victim = decisionOn({ execution: "5:9", sql: "DO SLEEP(99)", time });
    const { told } = await carriedOut({
      decisions: [victim],
      capabilities: EVENTS,
      lists: [[{ ...WHOLE_EVENT, text: "DO SLEEP(99)", wait_ms: String(time) }], [EVENT_ENDED]],
      errors: { "5:9": 0 },
      ran,
      readingMs,
    });
    return told.join();
  };
  // It had run for a minute when it was read, and for 500 ms more when it was killed; it is seen 500 ms later.
  const late = { readingMs: 500 };
  assertEquals(await ended(60_500, late), "killed 7", "it ended with its kill");
  assertEquals(await ended(60_699, late), "killed 7");
  assertEquals(await ended(60_700, late), "gone 7", "it ended 200 ms after its kill");
  assertEquals(await ended(99_000, { readingMs: 199 }), "killed 7", "it was seen to end at once");
});
