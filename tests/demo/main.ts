// deno task demo [mariadb|mysql]: shows on real servers what Query Sniper kills, what it spares and why. Ends with
// exit code 0 only if all of it happened.

import { availableFlavors, type Flavor, provide, startPair } from "../lab/mod.ts";
import type { Narrator } from "./narrator.ts";
import { runDemo } from "./run_demo.ts";
import { METADATA_LOCKS, openStage } from "./stage.ts";
import { tell } from "./story.ts";

/** A file for all that the program tells, for a test. */
const EVENTS = Deno.env.get("QUERY_SNIPER_DEMO_EVENTS");
const NAMES: Readonly<Record<Flavor, string>> = { mariadb: "MariaDB", mysql: "MySQL" };

/** The flavor that was asked for, else MySQL where there is one. */
async function chooseFlavor(args: readonly string[]): Promise<Flavor> {
  const [wanted, ...more] = args;
  if (more.length > 0 || (wanted !== undefined && wanted !== "mysql" && wanted !== "mariadb")) {
    throw new Error(`Usage: deno task demo [mariadb|mysql]: found ${args.join(" ")}`);
  }
  await provide();
  const available = await availableFlavors();
  if (wanted !== undefined && !available.includes(wanted)) {
    throw new Error(
      `No ${NAMES[wanted]} server on this machine: get one with tests/lab/fetch ${wanted}`,
    );
  }
  return wanted ?? (available.includes("mysql") ? "mysql" : "mariadb");
}

async function perform(flavor: Flavor, narrator: Narrator, cleanUp: AsyncDisposableStack): Promise<void> {
  narrator.title(
    "Query Sniper: a demonstration",
    "It ends what hurts a database, and nothing else. Ctrl-C ends the demonstration.",
  );
  const name = NAMES[flavor];
  narrator.say("lab", `starts two ${name} servers, a primary and its replica`);
  const pair = cleanUp.use(await startPair(flavor));
  const [version = ""] = /^[\d.]+/.exec(pair.primary.version) ?? [];
  narrator.say("lab", `${name} ${version} is up, in ${pair.folder}`);
  const stage = cleanUp.use(
    await openStage(pair, (event) => {
      if (EVENTS !== undefined) {
        Deno.writeTextFileSync(EVENTS, `${JSON.stringify(event)}\n`, { append: true });
      }
      narrator.event(event);
    }),
  );
  if (flavor === "mariadb") {
    narrator.say("lab", "so that MariaDB shows who holds a table's lock", METADATA_LOCKS);
  }
  await tell(stage, narrator);
}

if (import.meta.main) {
  await runDemo(async (narrator, cleanUp) => perform(await chooseFlavor(Deno.args), narrator, cleanUp));
}
