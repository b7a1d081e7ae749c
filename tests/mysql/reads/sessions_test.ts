import { assert, assertEquals } from "@std/assert";
import { type Capabilities, readSessions } from "../../../src/mysql/mod.ts";
import type { Connection, Row } from "../../../src/connection/mod.ts";
import type { StatementText } from "../../../src/language/mod.ts";
import type { Session } from "../../../src/policy/mod.ts";
import { sessionsStatement } from "../../../src/mysql/reads/sessions.ts";
import { policy } from "../../policy/fixture.ts";

const OWN = 1;
const HOUR = 3_600_000;

/** What `readSessions` makes of rows that a server might send: what cannot be provoked on a real one. */
async function read(sessions: Capabilities["sessions"], row: Row, uptime = HOUR): Promise<Session> {
  const own: Row = { id: OWN, event_id: 5, end_event_id: null, end_ms: "900000.000", command: "Query" };
  const connection = { id: OWN, query: () => Promise.resolve([own, { id: 7, command: "Query", ...row }]) };
  const capabilities = { sessions, textLimit: 1024 } as Capabilities;
  const [session, ...others] = await readSessions(connection as unknown as Connection, capabilities, {
    uptime,
  });
  assertEquals(others, []);
  return session!;
}

Deno.test("readSessions() takes a wrapped, negative or too long time for unknown", async () => {
  const absurd = { unknown: "the server shows an absurd time" };
  for (const time of ["4294967295000", "-5", String(HOUR + 1001)]) {
    assertEquals((await read("process_list_ms", { time_ms: time, query_id: 9 })).time, absurd, time);
  }
  assertEquals((await read("process_list_ms", { time_ms: "59999.5", query_id: 9 })).time, 59_999.5);
  assertEquals((await read("process_list_ms", { time_ms: null, query_id: 9 })).time, {
    unknown: "the server shows no time",
  });
});

Deno.test("readSessions() knows how long a session is idle by the clock that timed its last statement", async () => {
  const ended = {
    thread_id: 40,
    event_id: 3,
    end_event_id: 3,
    end_ms: "840000.000",
    command: "Sleep",
    time_s: 1,
  };
  const session = await read("statement_events", ended);
  assertEquals([session.idle, session.idle_time, session.execution], [true, 60_000, "40:3"]);
  const fresh = { thread_id: 40, event_id: null, end_event_id: null, command: "Sleep", time_s: 12 };
  const unused = await read("statement_events", fresh);
  assertEquals([unused.idle, unused.idle_time, unused.execution], [true, 12_000, "40:0"]);
});

Deno.test("readSessions() takes a text that fills the server's column for cut", async () => {
  const running = { thread_id: 40, event_id: 3, end_event_id: null, wait_ms: "1000" };
  const cutAt = async (length: number) => {
    const { sql } = await read("statement_events", { ...running, text: "SELECT 1 ".padEnd(length, "x") });
    return (sql as StatementText).cut;
  };
  assertEquals([await cutAt(1019), await cutAt(1020), await cutAt(1024)], [false, true, true]);
});

Deno.test("readSessions() has no verb of a statement without text", async () => {
  const { sql, verb } = await read("process_list_ms", { time_ms: "5", query_id: 9, text: null });
  assertEquals([sql, verb], [
    { unknown: "the server shows no statement text" },
    { unknown: "the server shows no statement text" },
  ]);
});

Deno.test("sessionsStatement() leaves to a far reading what may change of a session while it goes on", () => {
  const { where: { tree } } = policy({
    where: "user = 'app' and state = 'busy' and db = 'shop' and time > 10s",
  });
  const constants = () => undefined;
  const conditionOf = (far: boolean) => {
    const wanted = [{ tree, running: true, window: 5000, far, commands: ["Query"], constants }];
    const statement = sessionsStatement(
      { id: OWN } as Connection,
      { sessions: "process_list_ms", connectAttributes: false } as Capabilities,
      { uptime: HOUR, wanted },
    );
    return statement.slice(statement.indexOf(" WHERE "));
  };
  for (const column of ["STATE", "DB"]) {
    assertEquals([true, false].map((far) => conditionOf(far).includes(`(${column},`)), [false, true], column);
  }
  for (const column of ["USER", "COMMAND", "TIME_MS"]) {
    assertEquals([true, false].map((far) => conditionOf(far).includes(column)), [true, true], column);
  }
});

Deno.test("sessionsStatement() is made for the source, the limit and the uptime at hand, whatever was asked before", () => {
  const { where: { tree } } = policy({ where: "time > limits.query_time" });
  const statement = ({ sessions, limit, uptime }: Asked) =>
    sessionsStatement(
      { id: OWN } as Connection,
      { sessions, connectAttributes: false } as Capabilities,
      { uptime, wanted: [{ tree, running: true, commands: ["Query"], constants: () => limit }] },
    );
  const first: Asked = { sessions: "process_list_ms", limit: 4321, uptime: HOUR };
  const asked = [
    first,
    { ...first, sessions: "statement_events" },
    { ...first, limit: 8765 },
    { ...first, uptime: 9 * HOUR },
  ] as const;
  const texts = asked.map(statement);
  assertEquals(asked.map(statement), texts);
  assertEquals(new Set(texts).size, asked.length);
  for (const [index, { limit, uptime }] of asked.entries()) {
    assert(texts[index]!.includes(`${limit}`) && texts[index]!.includes(`${uptime + HOUR}`), texts[index]);
  }
});

interface Asked {
  readonly sessions: Capabilities["sessions"];
  readonly limit: number;
  readonly uptime: number;
}
