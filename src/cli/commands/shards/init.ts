import { DatabaseError } from "../../../connection/mod.ts";
import { initSteps, runSteps } from "../../../shards/mod.ts";
import type { Task } from "./task.ts";

/** `shards init`. */
export const init: Task = async ({ sharding, databases, dryRun, json, terminal }) => {
  try {
    const steps = await initSteps(sharding, databases);
    if (typeof steps === "string") {
      terminal.warn(`query-sniper: ${steps}`);
      return 1;
    }
    if (json) terminal.print(...steps.map((step) => JSON.stringify(step)));
    else {
      for (const { database, statements } of steps) {
        terminal.print(
          `-- ${database}`,
          ...statements.map((sql) => `${sql.length > 200 ? `${sql.slice(0, 200)}…` : sql};`),
        );
      }
    }
    if (dryRun) {
      terminal.warn("query-sniper: nothing was written: sharding.mode is dry-run");
      return 0;
    }
    await runSteps(steps, { sharding, databases });
    return 0;
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    terminal.warn(`query-sniper: ${error.message}: it may be run again`);
    return 1;
  }
};
