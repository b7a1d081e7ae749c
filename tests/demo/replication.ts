// The replica falls behind since somebody's query holds a lock that its applier waits for: that query is ended.

import { ACCOUNTS, caughtUp, Client, waitFor } from "../lab/mod.ts";
import { type Narrator, reasons, type Row } from "./narrator.ts";
import { connect, resultOf, type Running, start } from "./people.ts";
import { LIMITS, type Stage } from "./stage.ts";

/** 10 ms a row, as if its table were large: 50 s for all of them. */
const QUERY = "SELECT SUM(stock) FROM item WHERE SLEEP(0.01) = 0";
/** The same for fewer rows of another table: 6 s. */
const REPORT = "SELECT SUM(stock) FROM customer WHERE id <= 600 AND SLEEP(0.01) = 0";
const REPORTS = 4;
const MIGRATION = "ALTER TABLE item ADD COLUMN color VARCHAR(20)";

/** Step 3. */
export async function replication(stage: Stage, narrator: Narrator): Promise<readonly Row[]> {
  await narrator.step("3  The replica falls behind: of five queries the one that holds it up is ended", [
    "An ALTER TABLE comes from the primary, and has to wait for a query that reads the same table.",
    "All later changes wait behind it. The other queries run for longer, and are in nobody's way.",
  ]);
  await using crowd = await reporters(stage);
  await using analyst = await connect(stage.pair.replica, "analyst");
  await using app = await Client.connect(stage.pair.primary, ACCOUNTS.app, { database: "test" });
  narrator.say("reporter", `starts ${REPORTS} reports on the replica`, REPORT);
  const reports = crowd.clients.map((client) => start(client, REPORT));
  for (const report of reports) await runs(stage, report);
  narrator.say("analyst", "starts a query on the replica", QUERY);
  const query = start(analyst, QUERY);
  await runs(stage, query);
  narrator.say("app", "adds a column, on the primary", MIGRATION);
  await app.query(MIGRATION);
  await waitFor("the applier to wait for the query", () => stage.isApplierBlocked(), { timeoutMs: 20_000 });
  narrator.say("replica", "its applier waits for the table's metadata lock");
  const killed = await ended(stage, narrator, { query, reports });
  await caughtUp(stage.pair);
  await analyst.query("SELECT color FROM item WHERE id = 1");
  narrator.say("replica", "has caught up: the new column is there");
  await stage.gate("replica", "applier", "closed");
  const times = await Promise.all(reports.map((report) => resultOf(report, "reporter")));
  const saw = `all ${REPORTS} results, after ${times.toSorted().at(-1)}`;
  narrator.say("reporter", `has ${saw}`);
  const because = "longer, but they read another table";
  return [killed, { who: `${REPORTS} reporters, replica`, fate: "spared", because, saw }];
}

/** Waits for the kill, and that just the one query has ended by it. */
async function ended(
  stage: Stage,
  narrator: Narrator,
  { query, reports }: { readonly query: Running; readonly reports: readonly Running[] },
): Promise<Row> {
  let told = 0;
  let isOver = false;
  query.ended.then(() => isOver = true);
  await waitFor("the analyst's query to be killed", async () => {
    const lag = await stage.lag() ?? 0;
    if (lag > told && lag <= LIMITS.lag) narrator.say("replica", `is ${told = lag} s behind`);
    return isOver;
  }, { timeoutMs: 30_000 });
  const { error } = await query.ended;
  const kill = await stage.event("kill", "the analyst's query", ({ session }) => session.id === query.id);
  if (kill.outcome !== "killed" || error?.errno !== 1317) {
    throw new Error(`The query was to be killed: found ${kill.outcome}, and ${error?.message ?? "a result"}`);
  }
  for (const { id } of reports) {
    if (await stage.activity("replica", id) !== "query") throw new Error("The reports were to run on");
  }
  const saw = `error ${error.errno}: ${error.message}`;
  narrator.say("analyst", `sees ${saw}`);
  return { who: "analyst, replica", fate: "killed", because: reasons(kill.because), saw };
}

function runs(stage: Stage, { id }: Running): Promise<boolean> {
  return waitFor("the query to run", async () => await stage.activity("replica", id) === "query");
}

async function reporters(
  { pair }: Stage,
): Promise<AsyncDisposable & { readonly clients: readonly Client[] }> {
  const clients = await Promise.all(
    Array.from({ length: REPORTS }, () => connect(pair.replica, "reporter")),
  );
  return {
    clients,
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
