// The four steps. Each of them waits for what it promises, and throws an error that names what did not happen.

import { ACCOUNTS, caughtUp, Client, waitFor } from "../lab/mod.ts";
import { limitsPassed, type Narrator, type Row } from "./narrator.ts";
import { type EventOf, LIMITS, PEOPLE, type Running, type Stage, start } from "./stage.ts";

/** 10 ms a row, as if its table were large: 50 s for all of them. */
const REPORT = "SELECT SUM(stock) FROM item WHERE SLEEP(0.01) = 0";
/** The same for fewer rows: 3 s. */
const SHORTER_REPORT = "SELECT SUM(stock) FROM item WHERE id < 300 AND SLEEP(0.01) = 0";
const MIGRATION = "ALTER TABLE item ADD COLUMN color VARCHAR(20)";
const SNAPSHOT = "START TRANSACTION WITH CONSISTENT SNAPSHOT";
const NEXT = "README.md: write a configuration of your own, and let it run in dry-run mode first";

type Name = "primary" | "replica";

/** Plays the whole demonstration. Rejects with what it promised and did not happen. */
export async function tell(stage: Stage, narrator: Narrator): Promise<void> {
  await narrator.file("query-sniper.yaml", await Deno.readTextFile(stage.file));
  await stage.load.start();
  narrator.say("app", "reads and writes all the time, in a few milliseconds each");
  stage.startProgram();
  for (const name of ["primary", "replica"]) {
    await stage.event("connected", `connected to the ${name}`, ({ database }) => database === name);
  }
  const rows = [
    await healthy(stage, narrator),
    await replicaBehind(stage, narrator),
    ...await longHistory(stage, narrator),
  ];
  await end(stage, narrator, rows);
}

async function healthy(stage: Stage, narrator: Narrator): Promise<Row> {
  await narrator.step(["1  A healthy database: nothing is killed"], [
    "A report takes three times the query_time. It hurts nobody: the gate is closed.",
    "(SLEEP, 10 ms for each row, makes a large table of a small one.)",
  ]);
  await using analyst = await connect(stage, "replica", "analyst");
  await waitFor("the replica to be up to date", async () => await stage.lag() === 0);
  const values = `lag 0s, hll ${await stage.history("replica")}`;
  narrator.say("analyst", `starts a report on the replica: ${values}`, SHORTER_REPORT);
  const saw = await result(start(analyst, SHORTER_REPORT), narrator, "analyst");
  return { query: "analyst, replica", fate: "spared", because: `the gate was closed: ${values}`, saw };
}

async function replicaBehind(stage: Stage, narrator: Narrator): Promise<Row> {
  await narrator.step(["2  The replica falls behind: the query that holds it up is killed"], [
    "A report reads a table on the replica when an ALTER of it comes from the",
    "primary. That has to wait for the report, and all later changes wait as well.",
  ]);
  await using analyst = await connect(stage, "replica", "analyst");
  await using app = await Client.connect(stage.pair.primary, ACCOUNTS.app, { database: "test" });
  narrator.say("analyst", "starts a longer report on the replica", REPORT);
  const report = start(analyst, REPORT);
  await waitFor("the report to run", () => stage.isRunning("replica", report.id));
  narrator.say("app", "gets a new column, on the primary", MIGRATION);
  await app.query(MIGRATION);
  await waitFor("the applier to wait for the report", () => stage.isApplierBlocked());
  narrator.say("replica", "its applier waits for the table's metadata lock");
  let told = 0;
  const row = await killed(stage, narrator, { report, name: "replica" }, async () => {
    const lag = await stage.lag() ?? 0;
    if (lag > told && lag <= LIMITS.lag) narrator.say("replica", `is ${told = lag} s behind`);
    return lag > LIMITS.lag;
  });
  await caughtUp(stage.pair);
  await analyst.query("SELECT color FROM item WHERE id = 1");
  narrator.say("replica", "has caught up: the new column is there");
  await gate(stage, "replica", "closed");
  return row;
}

async function longHistory(stage: Stage, narrator: Narrator): Promise<readonly Row[]> {
  await narrator.step([
    "3  History grows on the primary: the query that runs too long is killed",
    "4  A protected query that runs as long, at the same time, is spared",
  ], [
    "An analyst works in one snapshot: the server has to keep all row versions since.",
    "The backup reads the same table for as long. It is protected.",
  ]);
  await using analyst = await connect(stage, "primary", "analyst");
  await using backup = await connect(stage, "primary", "backup");
  narrator.say("analyst", "opens a snapshot on the primary", SNAPSHOT);
  await analyst.query(SNAPSHOT);
  await growHistory(stage, narrator);
  await gate(stage, "primary", "open");
  narrator.say("analyst", "starts a report in the snapshot", REPORT);
  narrator.say("backup", "starts too", SHORTER_REPORT);
  const [report, dump] = [start(analyst, REPORT), start(backup, SHORTER_REPORT)];
  const row = await killed(stage, narrator, { report, name: "primary" }, () => Promise.resolve(true));
  const because = `protected, or it would be killed: ${await spared(stage, dump.id)}`;
  await analyst.query("ROLLBACK");
  stage.load.busy = false;
  narrator.say("analyst", "gives up the snapshot");
  const saw = await result(dump, narrator, "backup");
  await gate(stage, "primary", "closed");
  return [row, { query: "backup, primary", fate: "spared", because, saw }];
}

async function growHistory(stage: Stage, narrator: Narrator): Promise<void> {
  narrator.say("app", "updates two thousand rows a second");
  stage.load.busy = true;
  let told = 0;
  await waitFor("the history to grow", async () => {
    const length = await stage.history("primary");
    if (length - told >= 2_000 && length <= LIMITS.history) {
      narrator.say("primary", `its history list is ${told = length} long`);
    }
    return length > LIMITS.history;
  }, { timeoutMs: 20_000 });
}

async function end(stage: Stage, narrator: Narrator, rows: readonly Row[]): Promise<void> {
  await stage.load.stop();
  const { code, stderr } = await stage.stopProgram();
  if (code !== 0 || stderr !== "") throw new Error(`The program ended with exit code ${code}: ${stderr}`);
  const kills = stage.told("kill");
  if (kills.length !== 3) {
    throw new Error(`Two kills and one spared query were to be told: found ${JSON.stringify(kills)}`);
  }
  const saw = `${stage.load.statements.toLocaleString("en-US")} statements, no error`;
  const because = "its statements are short, also when the gate is open";
  narrator.result([...rows, { query: "app, both", fate: "spared", because, saw }], NEXT);
}

/** Waits until a report is killed, and takes the time since it was to be. */
async function killed(
  stage: Stage,
  narrator: Narrator,
  { report, name }: { readonly report: Running; readonly name: Name },
  isHurt: () => Promise<boolean>,
): Promise<Row> {
  let ended = false;
  report.ended.then(() => ended = true);
  // The limit was passed after this moment: what is told as late is at most a look of ours too much.
  let healthyAt = report.startedAt;
  await waitFor(`the ${name} to be hurt`, async () => {
    const now = performance.now();
    if (ended || await isHurt()) return true;
    healthyAt = now;
  });
  const { error, at } = await waitFor(`the report on the ${name} to be killed`, () => report.ended);
  if (error?.errno !== 1317) {
    throw new Error(`The report on the ${name} was to be killed: ${error?.message ?? "it had a result"}`);
  }
  const event = await stage.event(
    "kill",
    `the report's on the ${name}`,
    ({ session: { id } }) => id === report.id,
  );
  if (event.outcome !== "killed") throw new Error(`The report was to be killed: ${event.outcome}`);
  narrator.say("analyst", `sees error ${error.errno}: ${error.message}`);
  return {
    query: `analyst, ${name}`,
    fate: "killed",
    because: limitsPassed(event.because),
    lateMs: at - Math.max(healthyAt, report.startedAt + LIMITS.queryTime),
    saw: `error ${error.errno}: ${error.message}`,
  };
}

/** Waits until a session is told as spared, and returns the limits that it has passed. */
async function spared(stage: Stage, id: number): Promise<string> {
  const event = await stage.event("kill", "the backup's query is spared", ({ session }) => session.id === id);
  if (event.outcome === "skipped" && event.reason === "protected") return limitsPassed(event.because);
  throw new Error(`The backup's query was to be spared as protected: ${JSON.stringify(event)}`);
}

/** Waits for a query's result, which nobody may have taken from it. */
async function result(query: Running, narrator: Narrator, who: keyof typeof PEOPLE): Promise<string> {
  const { error, at } = await waitFor(`the result of the ${who}'s query`, () => query.ended);
  const took = at - query.startedAt;
  const seconds = `${(took / 1000).toFixed(1)} s`;
  if (error) throw new Error(`The query of the ${who} was to be spared: ${error.message} after ${seconds}`);
  if (took < 2 * LIMITS.queryTime) throw new Error(`The query of the ${who} was to be long: ${seconds}`);
  narrator.say(who, `has its result after ${seconds}`);
  return `its result, after ${seconds}`;
}

/** Waits until the last that was told of a gate is this state. */
async function gate(stage: Stage, name: Name, state: EventOf<"gate">["state"]): Promise<void> {
  const last = () => stage.told("gate").findLast(({ database }) => database === name);
  await stage.event(
    "gate",
    `the gate of the ${name} is ${state}`,
    (event) => event === last() && event.state === state,
  );
}

function connect({ pair }: Stage, name: Name, who: keyof typeof PEOPLE): Promise<Client> {
  return Client.connect(pair[name], PEOPLE[who], { database: "test" });
}
