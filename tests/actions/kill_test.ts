import { assert, assertEquals } from "@std/assert";
import { killAll } from "../../src/actions/mod.ts";
import type { Clock } from "../../src/clock.ts";
import type { Capabilities, Connection, Row } from "../../src/database/mod.ts";
import { look, policy, rules, session } from "../policy/fixture.ts";

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
