// deno task demo [mariadb|mysql]: shows on real servers what Query Sniper kills, what it spares and why. Ends with
// exit code 0 only if all of it happened.

import { availableFlavors, type Flavor, provide, startPair } from "../lab/mod.ts";
import { Narrator } from "./narrator.ts";
import { METADATA_LOCKS, openStage } from "./stage.ts";
import { tell } from "./story.ts";

/** Several times as long as it takes: for a machine that is busy. */
const LONGEST_MS = 150_000;
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

/** The exit code of a demonstration that is ended from outside. */
function interrupted(): Promise<number> {
  return new Promise((resolve) => {
    const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
    for (const name of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(name, () => resolve(codes[name]));
    }
  });
}

async function main(args: readonly string[]): Promise<number> {
  const flavor = await chooseFlavor(args);
  const narrator = new Narrator();
  const cleanUp = new AsyncDisposableStack();
  const end = interrupted();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took longer than ${LONGEST_MS / 1000} s`)), LONGEST_MS);
  });
  try {
    const code = await Promise.race([perform(flavor, narrator, cleanUp).then(() => 0), end, late]);
    if (code !== 0) narrator.end("interrupted: ends the program and both servers");
    return code;
  } catch (error) {
    narrator.end("failed: ends the program and both servers");
    throw new Error(`The demonstration failed: ${messageOf(error)}`);
  } finally {
    clearTimeout(timer);
    await cleanUp.disposeAsync();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    Deno.stderr.writeSync(new TextEncoder().encode(`${messageOf(error)}\n`));
    Deno.exit(1);
  }
}
