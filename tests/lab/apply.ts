// The lab's bootstrap for two servers that somebody else has started:
//
//   deno run --allow-all tests/lab/apply.ts mariadb|mysql PRIMARY_HOST:PORT REPLICA_HOST:PORT

import { ACCOUNTS } from "./account.ts";
import { primaryStatements, replicaStatements } from "./bootstrap.ts";
import { Client } from "./client.ts";
import { type Flavor, FLAVORS } from "./discover.ts";
import { replay, run } from "./pair.ts";

/** A replica that is one already is set up anew. */
const STOP: Readonly<Record<Flavor, string>> = { mariadb: "STOP SLAVE", mysql: "STOP REPLICA" };

async function main([flavorWord, primary, replica]: readonly string[]): Promise<void> {
  const flavor = FLAVORS.find((flavor) => flavor === flavorWord);
  const [source, target] = [primary, replica].map((text) => /^(.+):(\d+)$/.exec(text ?? ""));
  if (flavor === undefined || !source || !target) {
    throw new Error("Usage: apply.ts mariadb|mysql PRIMARY_HOST:PORT REPLICA_HOST:PORT");
  }
  await using first = await connect(source);
  await using second = await connect(target);
  await run(first, primaryStatements(flavor));
  await run(second, [STOP[flavor], ...replicaStatements(flavor, source[1]!, Number(source[2]))]);
  await replay(flavor, first, second);
}

function connect([, host, port]: RegExpExecArray): Promise<Client> {
  const nobody = { ...ACCOUNTS.root, password: "" };
  return Client.connect({ host: host!, port: Number(port), socket: "" }, nobody);
}

if (import.meta.main) await main(Deno.args);
