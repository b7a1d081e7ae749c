import { assert, assertEquals } from "@std/assert";
import { type Capabilities, killAll } from "../../../src/mysql/mod.ts";
import type { KillKind } from "../../../src/mysql/kill.ts";
import { KILL_KINDS } from "../../../src/mysql/executor/kill_kind.ts";
import { levelOf, outcomeEvent, redact } from "../../../src/events/mod.ts";
import type { Journal } from "../../../src/journal/mod.ts";
import { type Action, ACTION_NAMES, type Outcome } from "../../../src/policy/mod.ts";
import type { Clock } from "../../../src/clock.ts";
import type { Connection, Row } from "../../../src/connection/mod.ts";
import { look, policy, rules, session } from "../../policy/fixture.ts";
import { carriedOut, decisionOn, GONE, ROW } from "./stand_in.ts";

/** Time that only passes while somebody sleeps. */
class SleepTime implements Clock {
  ms = 0;
  now = () => this.ms;
  wall = () => this.ms;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (!signal?.aborted) this.ms += milliseconds;
    return Promise.resolve();
  }
}

/** Kills while the program is told to end; the server shows the victim for some looks more. */
async function killAtTheEnd({ looks }: { readonly looks: number }) {
  const victim = session({ id: 7, sql: "SELECT 1", execution: "9" });
  const own: Row = { id: 1, command: "Query" };
  const row: Row = { id: 7, user: "app", command: "Query", time_ms: "60000", query_id: 9, text: "SELECT 1" };
  const end = new AbortController();
  let shown = Infinity;
  const query = (sql: string): Promise<readonly Row[]> => {
    if (!sql.includes("KILL QUERY ID 9")) return Promise.resolve(shown-- > 0 ? [own, row] : [own]);
    shown = looks;
    end.abort();
    return Promise.resolve([{ answer: "sent" }]);
  };
  const { decisions } = look(rules([policy()]), { sessions: [victim] });
  const clock = new SleepTime();
  const outcomes: string[] = [];
  await killAll(decisions, {
    connection: { id: 1, query } as unknown as Connection,
    capabilities: { sessions: "process_list_ms", flavor: "mariadb", textLimit: 1024 } as Capabilities,
    clock,
    lease: undefined,
    paused: () => Promise.resolve(undefined),
    verify: () => 5000,
    database: "shop",
    journal: undefined,
    signal: end.signal,
    report: ({ outcome }) => outcomes.push(outcome),
  });
  return { outcomes, took: clock.ms };
}

Deno.test("killAll() sees an effect that comes a moment after the program was told to end", async () => {
  const { outcomes, took } = await killAtTheEnd({ looks: 4 });
  assertEquals([outcomes, took < 50], [["killed"], true]);
});

Deno.test("killAll() hardly waits for an effect once the program is to end", async () => {
  const { outcomes, took } = await killAtTheEnd({ looks: Infinity });
  assertEquals(outcomes, ["unconfirmed"]);
  assert(took < 500, `${took} ms`);
});

/**
 * Kills on a server that answers as told: whether it finds the victim, at each kill, and then what it shows of it, and of the
 * error of what has ended.
 */
async function killOn(
  answers: readonly ("sent" | "missed")[],
  { shown, errno, sql = "SELECT 1" }: { readonly shown: Row; readonly errno: number; readonly sql?: string },
) {
  const row: Row = {
    id: 7,
    user: "app",
    command: "Query",
    thread_id: 5,
    event_id: 9,
    end_event_id: null,
    wait_ms: "60000",
    text: sql,
  };
  const own: Row = { id: 1, command: "Query", thread_id: 2, event_id: 1, end_event_id: null, end_ms: "1" };
  const left = [...answers];
  const sent: string[] = [];
  const query = (statement: string): Promise<readonly Row[]> => {
    if (statement.includes("MYSQL_ERRNO")) return Promise.resolve([{ execution: "5:9", errno }]);
    if (statement.includes("INNODB_TRX")) return Promise.resolve([]);
    if (!statement.includes("KILL")) {
      return Promise.resolve([own, left.length > 0 ? row : { ...row, ...shown }]);
    }
    sent.push(statement);
    return Promise.resolve([{ answer: left.shift() ?? "missed" }]);
  };
  const victim = session({ id: 7, sql, execution: "5:9" });
  const { decisions } = look(rules([policy()]), { sessions: [victim] });
  const outcomes: string[] = [];
  await killAll(decisions, {
    connection: { id: 1, query } as unknown as Connection,
    capabilities: { sessions: "statement_events", flavor: "mysql", textLimit: 1024 } as Capabilities,
    clock: new SleepTime(),
    lease: undefined,
    paused: () => Promise.resolve(undefined),
    verify: () => 5000,
    database: "shop",
    journal: undefined,
    signal: new AbortController().signal,
    report: ({ outcome }) => outcomes.push(outcome),
  }).catch((error: unknown) => outcomes.push(String(error)));
  return [outcomes.join(), sent.length];
}

/** What is told, and was sent, of an armed decision for an action that the table of actions does not have. */
async function killBy(action: string) {
  const row: Row = { id: 7, user: "app", command: "Query", time_ms: "60000", query_id: 9, text: "SELECT 1" };
  const sent: string[] = [];
  const query = (sql: string): Promise<readonly Row[]> => {
    sent.push(sql);
    return Promise.resolve(sql.includes("KILL") ? [{ answer: "sent" }] : [{ id: 1, command: "Query" }, row]);
  };
  const { decisions } = look(rules([policy()]), {
    sessions: [session({ id: 7, sql: "SELECT 1", execution: "9" })],
  });
  const intents: unknown[] = [];
  const outcomes: Outcome[] = [];
  await killAll(decisions.map((decision) => ({ ...decision, action: action as Action })), {
    connection: { id: 1, query } as unknown as Connection,
    capabilities: { sessions: "process_list_ms", flavor: "mariadb", textLimit: 1024 } as Capabilities,
    clock: new SleepTime(),
    lease: undefined,
    paused: () => Promise.resolve(undefined),
    verify: () => 100,
    database: "shop",
    journal: { intend: (...intent: unknown[]) => intents.push(intent), conclude() {} } as unknown as Journal,
    signal: new AbortController().signal,
    report: (outcome) => outcomes.push(outcome),
  });
  return { outcomes, intents: intents.length, kills: sent.filter((sql) => sql.includes("KILL")) };
}

Deno.test("killAll() kills nobody by an action that it does not know, and tells of an error", async () => {
  for (const action of ["drain", "log", "constructor", "KILL QUERY", ""]) {
    const { outcomes, intents, kills } = await killBy(action);
    assertEquals([kills, intents], [[], 0], action);
    const events = outcomes.map((outcome) => outcomeEvent("shop", outcome));
    assertEquals(events.map(({ outcome, note }) => [outcome, note]), [
      ["denied", "this program does not know how to do that on this server"],
    ], action);
    assertEquals(events.map((event) => levelOf(redact(event, "digest"))), ["error"], action);
  }
  const { intents, kills } = await killBy("kill query");
  assertEquals([kills.length, intents], [1, 1], "what it knows it does, by the same way");
});

Deno.test("an action does not compile without what the executor makes of it", () => {
  const known: Readonly<Record<Action, KillKind | null>> = KILL_KINDS;
  // @ts-expect-error "drain" is missing: the same error that a new row of ACTIONS leads to in the executor.
  const more: Readonly<Record<Action | "drain", KillKind | null>> = KILL_KINDS;
  assertEquals(Object.keys(more), Object.keys(known));
  assertEquals(Object.keys(KILL_KINDS), [...ACTION_NAMES]);
});

const ENDED: Row = { command: "Sleep", end_event_id: 10, end_ms: "1", text: null };
const TORN: Row = { event_id: null };

Deno.test("killAll() tells by its error whether a statement was killed or ended by itself", async () => {
  assertEquals(await killOn(["sent"], { shown: ENDED, errno: 1317 }), ["killed", 1]);
  assertEquals(await killOn(["sent"], { shown: ENDED, errno: 0 }), ["gone", 1]);
  assertEquals(await killOn(["sent"], { shown: ENDED, errno: 3024 }), ["gone", 1], "its own time limit");
  const quiet = { shown: ENDED, errno: 0, sql: "DO SLEEP(9)" };
  assertEquals(await killOn(["sent"], quiet), ["killed", 1], "SLEEP() just returns");
});

Deno.test("killAll() has the server compare again what it did not find, and runs on", async () => {
  assertEquals(await killOn(["missed", "missed", "sent"], { shown: ENDED, errno: 1317 }), ["killed", 3]);
  assertEquals(await killOn(["missed"], { shown: ENDED, errno: 0 }), ["gone", 1]);
  const [outcome, sent] = await killOn([], { shown: {}, errno: 0 });
  assertEquals([outcome, Number(sent) > 1], ["stale", true], "as long as the decision is young");
});

Deno.test("killAll() takes what is read torn for nothing", async () => {
  assertEquals(await killOn(["sent"], { shown: TORN, errno: 0 }), ["survived", 1]);
});

Deno.test("killAll() kills nobody any more once kills are paused, whatever was decided before", async () => {
  const two = [decisionOn(), decisionOn({ id: 8, execution: "10" })];
  const lists = [[ROW, { ...ROW, id: 8, query_id: 10 }], [{ ...ROW, id: 8, query_id: 10 }], []];
  const paused = (kills: number) => kills > 0 ? "restore" : undefined;
  const { told, kills, written } = await carriedOut({ decisions: two, lists, paused, journal: "works" });
  assertEquals([told, kills.length], [["paused 8: restore", "killed 7"], 1]);
  assertEquals(written.filter(([what]) => what === "intent").length, 1, "no intent of what is not tried");
  const events = [{ outcome: "paused" as const, took_ms: 0, decision: decisionOn() }].map((outcome) =>
    outcomeEvent("shop", outcome)
  );
  assertEquals(events.map(({ outcome, reason }) => [outcome, reason]), [["skipped", "paused"]]);
});

/** A connection that another statement is asked on while it is found out whether kills are paused, for some times. */
function busyFor(times: number) {
  let [asked, answered] = [0, 0];
  const busy = () => ++asked % 2 === 0 && asked / 2 <= times ? Promise.resolve() : undefined;
  return { busy, paused: (reason: string | undefined) => () => ++answered > times ? reason : undefined };
}

Deno.test("killAll() asks again whether kills are paused where its kill would have waited for its turn", async () => {
  for (const times of [0, 1, 3]) {
    const { busy, paused } = busyFor(times);
    const { told, kills } = await carriedOut({ lists: [[ROW], GONE], busy, paused: paused("restore") });
    assertEquals([told, kills], [["paused 7: restore"], []], `${times}`);
  }
});

Deno.test("killAll() kills once its connection is free, if kills are not paused", async () => {
  const { busy, paused } = busyFor(3);
  const { told, kills } = await carriedOut({ lists: [[ROW], GONE], busy, paused: paused(undefined) });
  assertEquals([told, kills.length], [["killed 7"], 1]);
});

Deno.test("killAll() sends nothing again once kills are paused", async () => {
  const paused = (kills: number) => kills > 0 ? "restore" : undefined;
  const { told, kills } = await carriedOut({ lists: [[ROW]], kills: ["missed"], paused });
  assertEquals([told, kills.length], [["stale 7: kills were paused meanwhile: restore"], 1]);
});
