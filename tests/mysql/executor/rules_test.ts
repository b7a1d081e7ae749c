import { assert, assertEquals } from "@std/assert";
import { DatabaseError, type Row } from "../../../src/connection/mod.ts";
import {
  BEGIN,
  carriedOut,
  decisionOn,
  EVENTS,
  GONE,
  LOST,
  ON_EVENT,
  RESTS,
  ROW,
  TORN_EVENT,
  WHOLE_EVENT,
} from "./stand_in.ts";

Deno.test("no decision older than a second is acted on, and one of a second is", async () => {
  const late = await carriedOut({ lists: [[ROW]], readingMs: 1001, journal: "works" });
  assertEquals([late.told, late.kills, late.written], [["stale 7"], [], []], "nor is it written down");
  const intime = await carriedOut({ lists: [[ROW], GONE], readingMs: 1000 });
  assertEquals([intime.told, intime.kills.length], [["killed 7"], 1]);
});

Deno.test("of several decisions each is judged by its own age", async () => {
  const decisions = [decisionOn(), decisionOn({ id: 8, execution: "10", at: BEGIN + 500 })];
  const rows = [ROW, { ...ROW, id: 8, query_id: 10 }];
  const { told, kills } = await carriedOut({ decisions, lists: [rows, GONE], readingMs: 1200 });
  assertEquals(told, ["stale 7", "killed 8"]);
  assertEquals(kills.length, 1);
  assert(kills[0]!.includes("KILL QUERY ID 10"), kills[0]);
});

Deno.test("what has ended or changed at the second reading is not killed", async () => {
  const seen: readonly (readonly [why: string, rows: readonly Row[], told: string])[] = [
    ["it left", [], "gone 7"],
    ["it rests", [RESTS], "gone 7"],
    ["it rests since another statement", [{ ...RESTS, query_id: 10 }], "gone 7"],
    ["it runs another statement", [{ ...ROW, query_id: 10 }], "changed 7"],
    ["it shows another text", [{ ...ROW, text: "SELECT 2" }], "changed 7"],
    ["it shows no text any more", [{ ...ROW, text: null }], "changed 7"],
    ["its age went back", [{ ...ROW, time_ms: "59999" }], "changed 7"],
    ["its age is absurd by now", [{ ...ROW, time_ms: "-1" }], "changed 7"],
  ];
  for (const [why, rows, expected] of seen) {
    const { told, kills, written } = await carriedOut({ lists: [rows], journal: "works" });
    assertEquals([told, kills, written], [[expected], [], []], why);
  }
});

Deno.test("what is as it was, or older, is killed: by its query id, and as the server that it was read from", async () => {
  for (const time_ms of ["60000", "60001", "90000"]) {
    const { told, kills } = await carriedOut({ lists: [[{ ...ROW, time_ms }], GONE] });
    assertEquals(told, ["killed 7"], time_ms);
    assert(/KILL QUERY ID 9\b/.test(kills[0]!) && kills[0]!.includes("@@server_uid = 'one'"), kills[0]);
  }
});

Deno.test("two ages that are not known agree, and one alone does not", async () => {
  const unknown = { ...decisionOn() };
  const session = { ...unknown.session, time: { unknown: "the server shows no time" } };
  const decisions = [{ ...unknown, session }];
  const agree = await carriedOut({ decisions, lists: [[{ ...ROW, time_ms: null }], GONE] });
  assertEquals(agree.told, ["killed 7"]);
  assertEquals((await carriedOut({ decisions, lists: [[ROW]] })).told, ["changed 7"]);
  assertEquals((await carriedOut({ lists: [[{ ...ROW, time_ms: null }]] })).told, ["changed 7"]);
});

Deno.test("an idle connection is judged by its idle time, and ended as a connection", async () => {
  const decisions = [decisionOn({ running: false, then: "kill connection" })];
  const rests = { ...RESTS, time_ms: "60000" };
  const { told, kills } = await carriedOut({ decisions, lists: [[rests], GONE] });
  assertEquals(told, ["killed 7"]);
  assert(kills[0]!.includes("KILL CONNECTION 7") && kills[0]!.includes("COMMAND = 'Sleep'"), kills[0]);
  assertEquals((await carriedOut({ decisions, lists: [[{ ...rests, time_ms: "59999" }]] })).told, [
    "changed 7",
  ]);
  assertEquals((await carriedOut({ decisions, lists: [[ROW]] })).told, ["changed 7"], "it woke");
});

Deno.test("a text that the list of sessions cuts is compared as the list shows it", async () => {
  const decision = decisionOn();
  const whole = decision.session.sql;
  const listed = decisionOn({ sql: "SELECT" }).session.sql;
  assert(typeof listed === "object");
  const decisions = [{ ...decision, session: { ...decision.session, sql: whole, shown: listed } }];
  assertEquals((await carriedOut({ decisions, lists: [[{ ...ROW, text: "SELECT" }], GONE] })).told, [
    "killed 7",
  ]);
  assertEquals((await carriedOut({ decisions, lists: [[ROW]] })).told, ["changed 7"]);
});

Deno.test("what is read torn is read again, twenty times, and is not killed while it is", async () => {
  const torn = await carriedOut({ decisions: ON_EVENT, capabilities: EVENTS, lists: [[TORN_EVENT]] });
  assertEquals(torn.told, ["stale 7: what it runs could not be read again"]);
  assertEquals([torn.kills, torn.asked.readings.length], [[], 20]);
  const lists = [...Array(19).fill([TORN_EVENT]), [WHOLE_EVENT], GONE];
  const whole = await carriedOut({ decisions: ON_EVENT, capabilities: EVENTS, lists });
  assertEquals([whole.told, whole.kills.length], [["killed 7"], 1]);
  assertEquals(
    (await carriedOut({ lists: [[ROW], GONE] })).asked.readings.length,
    2,
    "what is whole is read once",
  );
});

Deno.test("only what was torn is read again", async () => {
  const decisions = [...ON_EVENT, decisionOn({ id: 8, execution: "6:1" })];
  const other = { ...WHOLE_EVENT, id: 8, thread_id: 6, event_id: 1 };
  const lists = [[TORN_EVENT, other], [WHOLE_EVENT], GONE];
  const { told, asked } = await carriedOut({ decisions, capabilities: EVENTS, lists });
  assertEquals(told, ["killed 7", "killed 8"]);
  assertEquals(asked.readings.map((sql) => /IN \(([0-9, ]+)\)\)$/.exec(sql)?.[1]), [
    "7, 8, 1",
    "7, 1",
    "7, 8, 1",
  ]);
});

Deno.test("a connection that is to follow its statement is left alone while the server undoes its work", async () => {
  const escalation = [decisionOn({ then: "kill connection", escalation: true })];
  const undoing = await carriedOut({ decisions: escalation, lists: [[ROW]], rolling: [7] });
  assertEquals([undoing.told, undoing.kills], [["rolling-back 7"], []]);
  const other = await carriedOut({ decisions: escalation, lists: [[ROW], GONE], rolling: [8] });
  assertEquals([other.told, other.kills.length], [["killed 7"], 1]);
  const first = await carriedOut({ lists: [[ROW], GONE], rolling: [7] });
  assertEquals(
    [first.told, first.asked.rolling],
    [["killed 7"], 0],
    "it is asked for what was killed before",
  );
  const both = [...escalation, decisionOn({ id: 8, execution: "10" })];
  const rows = [ROW, { ...ROW, id: 8, query_id: 10 }];
  const rest = await carriedOut({ decisions: both, lists: [rows, GONE], rolling: [7] });
  assertEquals(rest.told, ["rolling-back 7", "killed 8"], "and the others are gone on with");
});

Deno.test("a second step waits while nobody knows what rolls back, and holds up no other kill", async () => {
  const escalation = decisionOn({ then: "kill connection", escalation: true });
  const both = [escalation, decisionOn({ id: 8, execution: "10" })];
  const rows = [ROW, { ...ROW, id: 8, query_id: 10 }];
  const { told, kills } = await carriedOut({ decisions: both, lists: [rows, [ROW]], outdated: true });
  assertEquals([told.length, kills.length], [2, 1]);
  assert(told[0]!.startsWith("stale 7: not tried: InnoDB shows"), told[0]);
  assertEquals(told[1], "killed 8");
});

Deno.test("once the program is to end no kill is begun, and the one under way is finished", async () => {
  const none = await carriedOut({ lists: [[ROW]], endsAtKill: 0 });
  assertEquals([none.told, none.kills], [[], []]);
  const decisions = [decisionOn(), decisionOn({ id: 8, execution: "10" })];
  const rows = [ROW, { ...ROW, id: 8, query_id: 10 }];
  const one = await carriedOut({ decisions, lists: [rows, [rows[1]!]], endsAtKill: 1 });
  assertEquals([one.told, one.kills.length], [["killed 7"], 1]);
});

Deno.test("the intent is written down before the kill, and its outcome after it", async () => {
  const { told, written } = await carriedOut({ lists: [[ROW], [ROW], GONE], journal: "works" });
  assertEquals(told, ["killed 7"]);
  assertEquals(written, [
    ["intent", "shop", 7, 1_000_000 + BEGIN],
    ["outcome", 1, { outcome: "killed", took_ms: 2 }],
  ]);
});

Deno.test("without its intent in the journal there is no kill; without its outcome it is told all the same", async () => {
  const none = await carriedOut({ lists: [[ROW]], journal: "fails" });
  assertEquals([none.told, none.kills], [["journal 7"], []]);
  const end = await carriedOut({ lists: [[ROW], GONE], journal: "fails at the end" });
  assertEquals([end.told, end.kills.length], [["killed 7"], 1]);
});

Deno.test("a connection that breaks before anything was sent leaves all of it untried, and says so", async () => {
  const decisions = [decisionOn(), decisionOn({ id: 8, execution: "10" })];
  const { told, kills } = await carriedOut({ decisions, lists: [LOST] });
  assertEquals(told, [
    "stale 7: not tried: the connection broke",
    "stale 8: not tried: the connection broke",
  ]);
  assertEquals(kills, []);
});

Deno.test("a connection that breaks at a kill leaves that one unconfirmed, and the rest untried", async () => {
  const decisions = [
    decisionOn(),
    decisionOn({ id: 8, execution: "10" }),
    decisionOn({ id: 9, execution: "11" }),
  ];
  const rows = [ROW, { ...ROW, id: 8, query_id: 10 }, { ...ROW, id: 9, query_id: 11 }];
  const advised = new DatabaseError("lost", "no answer", { advice: "check the network" });
  const { told, written } = await carriedOut({
    decisions,
    lists: [rows],
    kills: ["sent", advised],
    journal: "works",
  });
  assertEquals(told, [
    "unconfirmed 8: no answer: check the network",
    "unconfirmed 7: no answer",
    "stale 9: not tried: no answer",
  ]);
  const outcomes = written.filter(([what]) => what === "outcome").map(([, intent]) => intent);
  assertEquals(outcomes, [2, 1], "what was intended is concluded");
});

Deno.test("a connection that breaks while the effect is looked for leaves the kill unconfirmed", async () => {
  const { told } = await carriedOut({ lists: [[ROW], [ROW], LOST] });
  assertEquals(told, ["unconfirmed 7: the connection broke"]);
});

Deno.test("what the server refuses for a privilege is denied, with why, and is not looked for", async () => {
  const denied = new DatabaseError("denied", "You are not owner of thread 7", { errno: 1095 });
  const gap = { need: "kill", missing: "CONNECTION ADMIN", remedy: "GRANT CONNECTION ADMIN" };
  const { told, asked } = await carriedOut({
    lists: [[ROW]],
    kills: [denied],
    capabilities: { gaps: [gap] as never },
  });
  assertEquals(told, ["denied 7: You are not owner of thread 7: GRANT CONNECTION ADMIN"]);
  assertEquals(asked.readings.length, 1);
});

Deno.test("what the server refuses for another reason may have had an effect, and is looked for", async () => {
  const refused = new DatabaseError("statement", "Lock wait timeout", { errno: 1205 });
  assertEquals((await carriedOut({ lists: [[ROW], GONE], kills: [refused] })).told, [
    "killed 7: Lock wait timeout",
  ]);
  assertEquals((await carriedOut({ lists: [[ROW]], kills: [refused] })).told, [
    "survived 7: Lock wait timeout",
  ]);
  const unknown = new DatabaseError("statement", "Unknown thread id: 7", { errno: 1094 });
  assertEquals((await carriedOut({ lists: [[ROW], GONE], kills: [unknown] })).told, ["gone 7"]);
});

Deno.test("an error that is none of the server's is not taken for one", async () => {
  const failure = new TypeError("a mistake in this program");
  const lists = [failure as unknown as DatabaseError];
  let thrown: unknown;
  await carriedOut({ lists }).catch((error) => thrown = error);
  assert(thrown instanceof TypeError, String(thrown));
});

Deno.test("a kill that MySQL refuses for the session's account is told as such, so that its next is not tried", async () => {
  const denied = new DatabaseError("denied", "You are not owner of thread 7", { errno: 1095 });
  const events = { decisions: ON_EVENT, capabilities: EVENTS, lists: [[WHOLE_EVENT]] };
  const { told, outcomes } = await carriedOut({ ...events, kills: [denied] });
  assertEquals(told, [
    "denied 7: You are not owner of thread 7: the session's account has SYSTEM_USER, which protects it",
  ]);
  assertEquals(outcomes[0]!.shielded, true);
  const plain = await carriedOut({ lists: [[ROW]], kills: [denied] });
  assertEquals(
    [plain.told.length, "shielded" in plain.outcomes[0]!],
    [1, false],
    "MariaDB protects nobody so",
  );
});

Deno.test("a failure that is none of the journal's own is not taken for one", async () => {
  for (const message of ["at the intent", "at the end"]) {
    let thrown: unknown;
    await carriedOut({ lists: [[ROW], GONE], journal: new TypeError(message) }).catch((error) =>
      thrown = error
    );
    assert(thrown instanceof TypeError, String(thrown));
  }
});
