import { assert, assertEquals } from "@std/assert";
import {
  appClients,
  type Case,
  INTERRUPTED,
  nothingHappensFor,
  onEachFlavor,
  slowQuery,
  start,
  startSniper,
} from "../integration/fixture.ts";
import { startFaultyLink } from "./faulty_link.ts";

const LONG = "policies: [{ name: long, where: \"user = 'app' and time > 500ms\", then: kill query }]";
/** What stands in a look, and in nothing that is asked while connecting. */
const LOOK = "server_now";

const CASES: readonly Case[] = [
  [
    "connecting works and the look fails: not connected, told once, and tried ever less often",
    async (pair) => {
      await using link = startFaultyLink(pair.primary);
      link.breakAt(LOOK);
      await using sniper = await startSniper({ rules: LONG, databases: [link.database] });
      await sniper.event("the failure", ({ event }) => event === "unreachable");
      await nothingHappensFor(6000);
      assertEquals(sniper.events().map(({ event }) => event).filter((event) => event !== "heartbeat"), [
        "start",
        "unreachable",
      ]);
      // Each try takes two connections; after 0.5, 1, 2 and 4 s at most, and half of that at least.
      assert(link.connections <= 12, `${link.connections} connections in 6 s`);
      link.breakAt(undefined);
      await sniper.event("the first look", ({ event }) => event === "connected");
      await using app = await appClients(pair.primary, 1);
      assertEquals(await start(app.clients[0]!, slowQuery(20)).error, INTERRUPTED);
    },
  ],

  ["looks that fail amid the work: told once, and once more that it is watched again", async (pair) => {
    await using link = startFaultyLink(pair.primary);
    await using sniper = await startSniper({ rules: LONG, databases: [link.database] });
    await sniper.event("the first look", ({ event }) => event === "connected");
    link.breakAt(LOOK);
    await sniper.event("the failure", ({ event }) => event === "unreachable");
    await nothingHappensFor(3000);
    const count = (name: string) => sniper.events().filter(({ event }) => event === name).length;
    assertEquals([count("connected"), count("unreachable")], [1, 1]);
    link.breakAt(undefined);
    await sniper.event("a look", () => count("connected") === 2);
    assertEquals(count("unreachable"), 1);
  }],
];

await onEachFlavor("a server that answers no look", CASES, { alone: true });
