import { assertEquals } from "@std/assert";
import type { Clause } from "../../src/language/mod.ts";
import { Client, type LabServer, requireFlavors, startChain } from "../lab/mod.ts";
import { startSniper } from "./fixture.ts";
import { pause, startWriter } from "./lag_observer.ts";

for (const flavor of await requireFlavors()) {
  Deno.test(`in a chain whose servers are all watched, lag counts the whole of it: ${flavor}`, async () => {
    await using chain = await startChain(flavor);
    const [first, second, third] = chain.servers as readonly [LabServer, LabServer, LabServer];
    await using _writer = await startWriter(first);
    await pause(1000);
    await using root = await Client.connect(second);
    await using sniper = await startSniper({
      mode: "dry-run",
      rules: "policies:\n" +
        "  - { name: late, when: lag > 3s, where: \"user = 'nobody'\", then: kill query }\n" +
        "  - { name: unfetched, when: lag_fetch > 3s or lag_apply > 3s, where: \"user = 'nobody'\", then: kill query }",
      databases: chain.servers,
    });
    const gate = (server: LabServer, policy: string, state: string) =>
      sniper.program.event(
        `the gate ${policy} of ${server.name} to be ${state}`,
        (event) =>
          event.event === "gate" && event["database"] === server.name && event["policy"] === policy &&
          event["state"] === state,
        { timeoutMs: 30_000 },
      );
    // The second's applier waits; the third has all that the second has.
    await root.query("LOCK TABLES test.heartbeat READ");
    const { because } = await gate(third, "late", "open");
    const [clause] = because as readonly Clause[];
    assertEquals(clause?.by, "source positions");
    await gate(second, "late", "open");
    await gate(second, "unfetched", "open");
    await root.query("UNLOCK TABLES");
    await gate(third, "late", "closed");
    const open = sniper.events().filter(({ event, database, state }) =>
      event === "gate" && database === third.name && state === "open"
    );
    assertEquals(open.map(({ policy }) => policy), ["late"], "its own parts are small");
  });
}
