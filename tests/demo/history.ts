// The history list grows since somebody's read view keeps old row versions alive: who is ended is its holder.

import { type Client, waitFor } from "../lab/mod.ts";
import { type Narrator, reasons, type Row } from "./narrator.ts";
import { connect, resultOf, start } from "./people.ts";
import { LIMITS, type Stage } from "./stage.ts";

const READ = "SELECT SUM(stock) FROM item";
/** 10 ms a row, as if its table were large: 5 s. */
const REPORT = "SELECT SUM(stock) FROM customer WHERE id <= 500 AND SLEEP(0.01) = 0";
const READ_COMMITTED = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
const SNAPSHOT = "START TRANSACTION WITH CONSISTENT SNAPSHOT";

/** Those who have left a transaction open, and do nothing. */
interface Idlers {
  readonly clerk: Client;
  readonly analyst: Client;
}

/** Steps 1 and 2: a dry run, then the same for real. */
export async function history(stage: Stage, narrator: Narrator): Promise<readonly Row[]> {
  await using clerk = await connect(stage.pair.primary, "clerk");
  await using analyst = await connect(stage.pair.primary, "analyst");
  await dryRun(stage, narrator, { clerk, analyst });
  return await enforced(stage, narrator, { clerk, analyst });
}

async function dryRun(stage: Stage, narrator: Narrator, { clerk, analyst }: Idlers): Promise<void> {
  await narrator.step("1  Dry run: who makes the history grow?", [
    "An analyst reads something in a transaction, and leaves it open. For as long as it is open,",
    "the server has to keep every row version that the app replaces: the history list grows.",
    "A clerk's transaction is older, but READ COMMITTED: between statements it needs no old rows.",
  ]);
  await stage.startProgram("--dry-run");
  for (const sql of [READ_COMMITTED, "BEGIN", READ]) await clerk.query(sql);
  narrator.say(
    "clerk",
    "opens a transaction on the primary, READ COMMITTED, and leaves it idle",
    `BEGIN; ${READ}`,
  );
  // The servers count in whole seconds when a transaction began.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  for (const sql of ["BEGIN", READ]) await analyst.query(sql);
  narrator.say("analyst", "opens another one, REPEATABLE READ, and leaves it idle too", `BEGIN; ${READ}`);
  await growHistory(stage, narrator);
  const { session } = await stage.event(
    "kill",
    "whom it would kill",
    ({ outcome }) => outcome === "would-kill",
  );
  if (session.id !== analyst.id) {
    throw new Error(`The dry run was to name the analyst's connection: found the ${session.user}'s`);
  }
  await stage.stopProgram();
  for (const { id } of [clerk, analyst]) {
    if (!await stage.hasTransaction("primary", id)) throw new Error("The dry run was to kill nothing");
  }
  narrator.say(
    "demo",
    "both transactions are still there: a dry run says what it would do, and does nothing",
  );
}

async function enforced(
  stage: Stage,
  narrator: Narrator,
  { clerk, analyst }: Idlers,
): Promise<readonly Row[]> {
  stage.load.busy = false;
  await narrator.step("2  The same for real: the holder of the oldest read view is ended", [
    "The app is calm again, and still the list does not shrink: the analyst's transaction is open.",
    "A rule by age would now kill the reporter's long query, and that would not help.",
  ]);
  await using reporter = await connect(stage.pair.primary, "reporter");
  narrator.say("reporter", "starts a long report on the primary", REPORT);
  const report = start(reporter, REPORT);
  await waitFor("the report to run", async () => await stage.activity("primary", report.id) === "query");
  narrator.say("primary", `its history list is ${await stage.history("primary")} long`);
  await stage.startProgram();
  const kill = await stage.event("kill", "it kills", ({ outcome }) => outcome === "killed");
  if (kill.session.id !== analyst.id || await stage.activity("primary", report.id) !== "query") {
    throw new Error("The analyst's connection was to be killed, and the report to run on");
  }
  const analystSaw = await gone(stage, narrator, analyst);
  await stage.gate("primary", "history", "closed");
  narrator.say("primary", `its history list is ${await stage.history("primary")} long`);
  const clerkSaw = await committed(stage, narrator, clerk);
  const reporterSaw = `its result, after ${await resultOf(report, "reporter")}`;
  narrator.say("reporter", `has ${reporterSaw}`);
  return [
    { who: "analyst, primary", fate: "killed", because: reasons(kill.because), saw: analystSaw },
    { who: "clerk, primary", fate: "spared", because: "older, but it holds no read view", saw: clerkSaw },
    {
      who: "reporter, primary",
      fate: "spared",
      because: "long, but its read view was younger",
      saw: reporterSaw,
    },
  ];
}

/** Step 4: the cause is one that nobody may touch. */
export async function protectedCause(stage: Stage, narrator: Narrator): Promise<Row> {
  await narrator.step("4  A cause that is protected is spared", [
    "A backup reads in one snapshot: now that is the oldest read view. But `protect` names its user.",
  ]);
  await using backup = await connect(stage.pair.primary, "backup");
  await backup.query(SNAPSHOT);
  narrator.say("backup", "opens a snapshot on the primary", SNAPSHOT);
  await growHistory(stage, narrator);
  const { reason, because } = await stage.event(
    "kill",
    "it spares the backup",
    ({ session }) => session.id === backup.id,
  );
  if (reason !== "protected") throw new Error(`The backup was to be spared as protected: found ${reason}`);
  stage.load.busy = false;
  for (const sql of [READ, "COMMIT"]) await backup.query(sql);
  const saw = "its rows, and its COMMIT";
  narrator.say("backup", `has ${saw}`);
  await stage.gate("primary", "history", "closed");
  return { who: "backup, primary", fate: "spared", because: reasons(because), saw };
}

async function growHistory(stage: Stage, narrator: Narrator): Promise<void> {
  narrator.say("app", "updates two thousand rows a second");
  stage.load.busy = true;
  let told = 0;
  await waitFor("the history to grow", async () => {
    const length = await stage.history("primary");
    if (length - told >= 700 && length <= LIMITS.history) {
      narrator.say("primary", `its history list is ${told = length} long`);
    }
    return length > LIMITS.history;
  }, { timeoutMs: 40_000 });
  await stage.gate("primary", "history", "open");
}

/** Waits until a connection is not there any more, and asks its client. */
async function gone(stage: Stage, narrator: Narrator, client: Client): Promise<string> {
  await waitFor(
    "the analyst's connection to be gone",
    async () => await stage.activity("primary", client.id) === undefined,
  );
  const error = await client.query("SELECT 1").then(() => undefined, (error) => error);
  if (error === undefined) throw new Error("The analyst's connection was to be gone: it still answers");
  narrator.say("analyst", "has lost the connection, and with it the transaction");
  return "its connection is gone";
}

/** Ends the clerk's transaction, which has to be there still, as others see it. */
async function committed(stage: Stage, narrator: Narrator, clerk: Client): Promise<string> {
  if (!await stage.hasTransaction("primary", clerk.id)) throw new Error("The clerk's transaction is gone");
  for (const sql of [READ, "COMMIT"]) await clerk.query(sql);
  narrator.say("clerk", "goes on in the transaction, and commits it");
  return "its rows, and its COMMIT";
}
