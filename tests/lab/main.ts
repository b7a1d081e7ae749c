// deno task lab [mariadb] [mysql] [--SERVER-OPTION…]: starts a pair of each flavor, or of all there are, and keeps
// it until Ctrl-C. Options go to every server.

import { ACCOUNTS } from "./account.ts";
import { type Flavor, FLAVORS, missingMessage } from "./discover.ts";
import { availableFlavors, type LabPair, startPair } from "./pair.ts";
import { provide } from "./provide.ts";
import type { LabServer } from "./server.ts";

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

function complain(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}

/** What to type to reach a server, for each account, and its entry in a query-sniper.yaml. */
export function describe(server: LabServer): string {
  const { host, port, socket, name, version } = server;
  const lines = Object.values(ACCOUNTS)
    .map(({ user, password }) => `  mariadb -h${host} -P${port} -u${user} -p${password}`);
  return [
    `${name} ${version}, socket ${socket}`,
    ...lines,
    `  - { name: ${name}, host: ${host}, port: ${port} }`,
  ].join("\n");
}

/** The flavors named, or all that there are; a name that is none throws. */
async function chosen(args: readonly string[]): Promise<readonly Flavor[]> {
  const unknown = args.find((arg) => !FLAVORS.some((flavor) => flavor === arg));
  if (unknown !== undefined) throw new Error(`Neither mariadb nor mysql: "${unknown}"`);
  await provide();
  const available = await availableFlavors();
  const wanted = FLAVORS.filter((flavor) => args.length === 0 || args.includes(flavor));
  const missing = wanted.filter((flavor) => !available.includes(flavor));
  for (const flavor of missing) complain(`*** ${missingMessage(flavor)}`);
  if (args.length > 0 && missing.length > 0) throw new Error(`Cannot start: ${missing.join(", ")}`);
  return wanted.filter((flavor) => available.includes(flavor));
}

/** Resolves at the first Ctrl-C or SIGTERM; from now on these do not end the process by themselves. */
function interrupted(): Promise<"interrupted"> {
  return new Promise((resolve) => {
    const signals: readonly Deno.Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) Deno.addSignalListener(signal, () => resolve("interrupted"));
  });
}

async function main(args: readonly string[]): Promise<void> {
  const serverArguments = args.filter((arg) => arg.startsWith("--"));
  const flavors = await chosen(args.filter((arg) => !arg.startsWith("--")));
  const end = interrupted();
  const starting = Promise.allSettled(flavors.map((flavor) => startPair(flavor, { serverArguments })));
  // An end amid the start needs nothing else done: the guards remove what there is.
  const results = await Promise.race([starting, end]);
  if (results === "interrupted") return;
  const pairs: LabPair[] = [];
  const failures: unknown[] = [];
  for (const result of results) {
    if (result.status === "fulfilled") pairs.push(result.value);
    else failures.push(result.reason);
  }
  if (failures.length === 0) {
    say("Accounts, each with rights of its own; the last line of each server is for a query-sniper.yaml\n");
    for (const { primary, replica } of pairs) say(`${describe(primary)}\n${describe(replica)}\n`);
    say("Ctrl-C ends all of it");
    await end;
  }
  await Promise.all(pairs.map((pair) => pair.stop()));
  if (failures.length > 0) throw failures[0];
}

if (import.meta.main) {
  try {
    await main(Deno.args);
    Deno.exit(0);
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}
