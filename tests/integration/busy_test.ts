import { assertEquals } from "@std/assert";
import { Connection } from "../../src/connection/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { ACCOUNTS, type LabPair } from "../lab/mod.ts";
import { onEachFlavor } from "./fixture.ts";

async function busyUntilAllIsAnswered({ primary: { host, port } }: LabPair): Promise<void> {
  const { user, password } = ACCOUNTS.sniper;
  const account = { user, password: new Secret(password) };
  const connection = await Connection.open({ address: { host, port }, tls: { mode: "disabled" }, account });
  assertEquals(connection.busy, undefined);
  const answers: string[] = [];
  for (const sql of ["DO SLEEP(0.2)", "no SQL", "DO 0"]) {
    connection.query(sql).then(() => answers.push(sql), () => answers.push("an error"));
  }
  await connection.busy;
  assertEquals(connection.busy, undefined);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(answers.sort(), ["DO 0", "DO SLEEP(0.2)", "an error"]);
  const hangs = connection.query("DO SLEEP(60)").catch(({ kind }) => kind);
  await connection.busy;
  assertEquals([await hangs, connection.busy], ["lost", undefined], "nor for longer than its deadline");
  await connection.close();
}

await onEachFlavor("a connection", [
  ["is busy until all that was asked on it is answered", busyUntilAllIsAnswered],
], { alone: true });
