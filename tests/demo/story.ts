import { history, protectedCause } from "./history.ts";
import type { Narrator } from "./narrator.ts";
import { replication } from "./replication.ts";
import type { Stage } from "./stage.ts";

const NEXT = "README.md: write a configuration of your own, and let it run in dry-run mode first";

/**
 * Plays the whole demonstration. Each step waits for what it promises; rejects with what it promised and did not
 * happen.
 */
export async function tell(stage: Stage, narrator: Narrator): Promise<void> {
  await narrator.file("query-sniper.yaml", await Deno.readTextFile(stage.file));
  await stage.load.start();
  narrator.say("app", "reads and writes all the time, in a few milliseconds each");
  const rows = [
    ...await history(stage, narrator),
    ...await replication(stage, narrator),
    await protectedCause(stage, narrator),
  ];
  await stage.load.stop();
  await stage.stopProgram();
  demandKills(stage);
  const saw = `${stage.load.statements.toLocaleString("en-US")} statements, no error`;
  const because = "whatever gate is open: it is not the cause";
  narrator.result([...rows, { who: "app, both", fate: "spared", because, saw }], NEXT);
}

/** What the program says that it has killed, and failed to kill, is no more than what was promised. */
function demandKills(stage: Stage): void {
  // What was gone, or another statement, by the time of the kill was left alone; the rest has to be right.
  const harmless = ["skipped", "gone", "changed"];
  const done = stage.told("kill").filter(({ outcome }) => !harmless.includes(outcome));
  const found = done.map(({ outcome, session, policy }) => `${outcome} ${session.user} ${policy}`).join(", ");
  const promised = "killed analyst history, killed analyst applier";
  if (found !== promised) throw new Error(`Kills were to be ${promised}: found ${found || "none"}`);
}
