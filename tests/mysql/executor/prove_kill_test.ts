import { assert, assertEquals } from "@std/assert";
import { type Capabilities, proveKill, type Server } from "../../../src/mysql/mod.ts";
import {
  type Connection,
  type ConnectionTarget,
  DatabaseError,
  type Row,
} from "../../../src/connection/mod.ts";
import { SleepTime } from "./stand_in.ts";

const OWN: Row = { id: 1, command: "Query" };
/** The statement that is to be killed, as the list of sessions shows it. */
const VICTIM: Row = {
  id: 7,
  user: "sniper",
  command: "Query",
  time_ms: "5",
  query_id: 9,
  text: "DO SLEEP(2)",
};
const IDENTITY = { server: "one", started: 1 };

/** Has a kill proved on a server that lists and answers as told. */
async function proof(
  { lists = [[VICTIM]], answers = ["sent"], takes = 3.14, ownConnection = true, connects = true }: {
    readonly lists?: readonly (readonly Row[])[];
    readonly answers?: readonly ("sent" | "missed" | DatabaseError)[];
    /** How long after the kill its statement ends, in milliseconds. */
    readonly takes?: number;
    readonly ownConnection?: boolean;
    readonly connects?: boolean;
  },
) {
  const clock = new SleepTime();
  const begun = clock.ms;
  const asked = { statements: [] as string[], readings: [] as string[], kills: [] as string[], closed: 0 };
  const ended = Promise.withResolvers<readonly Row[]>();
  const victim = {
    id: 7,
    query: (sql: string) => {
      asked.statements.push(sql);
      return ended.promise;
    },
    close: () => Promise.resolve(void asked.closed++),
  };
  const killing = {
    id: 1,
    query: (sql: string): Promise<readonly Row[]> => {
      if (!sql.includes("KILL")) {
        asked.readings.push(sql);
        return Promise.resolve([OWN, ...lists[asked.readings.length - 1] ?? lists.at(-1)!]);
      }
      asked.kills.push(sql);
      const answer = answers[asked.kills.length - 1] ?? answers.at(-1)!;
      if (answer instanceof Error) return Promise.reject(answer);
      if (answer === "sent") {
        clock.ms += takes;
        ended.reject(new DatabaseError("statement", "interrupted", { errno: 1317 }));
      }
      return Promise.resolve([{ answer }]);
    },
  };
  const capabilities = {
    sessions: "process_list_ms",
    flavor: "mariadb",
    serverName: "@@server_uid",
    textLimit: 1024,
  } as Capabilities;
  const server = {
    capabilities,
    ...ownConnection && { killing: killing as unknown as Connection },
  } as unknown as Server;
  const connect = () =>
    connects ? Promise.resolve({ connection: victim }) : Promise.reject(
      new DatabaseError("unreachable", "nothing listens there", { advice: "check the port" }),
    );
  const result = await proveKill(server, {} as ConnectionTarget, { clock, identity: IDENTITY, connect });
  return { result, asked, took: clock.ms - begun };
}

Deno.test("a kill is proved by one of a statement of its own, made as any other, and says how long it took", async () => {
  const { result, asked } = await proof({});
  assertEquals(result, { ms: 3.1 });
  assertEquals(asked.statements, ["DO SLEEP(2)"]);
  assertEquals(asked.readings.map((sql) => /IN \(([0-9, ]+)\)\)$/.exec(sql)?.[1]), ["7, 1"]);
  assert(
    /KILL QUERY ID 9\b/.test(asked.kills[0]!) && asked.kills[0]!.includes("@@server_uid = 'one'"),
    asked.kills[0],
  );
  assertEquals(asked.closed, 1);
});

Deno.test("the statement is waited for until it is seen to run, for a second", async () => {
  const rests = { ...VICTIM, command: "Sleep", text: null };
  const setting = { ...VICTIM, text: "SELECT @@version" };
  const torn = { ...VICTIM, query_id: 0 };
  const late = await proof({ lists: [[], [rests], [setting], [torn], [VICTIM]] });
  assertEquals([late.result, late.asked.readings.length], [{ ms: 3.1 }, 5]);
  for (const row of [[], [rests], [setting], [torn]]) {
    const { result, asked, took } = await proof({ lists: [row] });
    assertEquals(result, { failed: "its own statement is not in the list of sessions" });
    assertEquals([asked.kills, took, asked.readings.length, asked.closed], [[], 1000, 200, 1]);
  }
});

Deno.test("what the server does not find is asked for five times", async () => {
  const found = await proof({ answers: ["missed", "missed", "missed", "missed", "sent"] });
  assertEquals([found.result, found.asked.kills.length], [{ ms: 3.1 }, 5]);
  const missed = await proof({ answers: ["missed"] });
  assertEquals(missed.result, { failed: "the server did not find it again" });
  assertEquals([missed.asked.kills.length, missed.asked.closed], [5, 1]);
});

Deno.test("a statement that ended as late as it would have by itself proves nothing", async () => {
  assertEquals((await proof({ takes: 1999.9 })).result, { ms: 1999.9 });
  assertEquals((await proof({ takes: 2000 })).result, { failed: "its statement ran on" });
});

Deno.test("what keeps a kill from being proved is said, and leaves no connection behind", async () => {
  const none = await proof({ ownConnection: false });
  assertEquals(none.result, { failed: "there is no connection for kills" });
  assertEquals(none.asked.statements, []);
  assertEquals((await proof({ connects: false })).result, {
    failed: "nothing listens there: check the port",
  });
  const denied = await proof({ answers: [new DatabaseError("denied", "You are not owner of thread 7")] });
  assertEquals([denied.result, denied.asked.closed], [{ failed: "You are not owner of thread 7" }, 1]);
});

Deno.test("a mistake of this program is not taken for the server's refusal", async () => {
  let thrown: unknown;
  await proof({ answers: [new TypeError("a mistake") as unknown as DatabaseError] }).catch((error) =>
    thrown = error
  );
  assert(thrown instanceof TypeError, String(thrown));
});
