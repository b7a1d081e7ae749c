// deno task demo:shards: one server fills, a policy adds a second one and a third, and rows move to them while they are
// written and read. Ends with exit code 0 only if every row was found all the time.

import type { PublicEvent } from "../../../src/events/mod.ts";
import { availableFlavors, provide, startShards } from "../../lab/mod.ts";
import { type RunningCoordinator, smallConfig, startCoordinator, startSmall } from "../../shards/growing.ts";
import { ROUTER, startRouter, writeGroup } from "../../shards/stage.ts";
import { Narrator } from "../narrator.ts";
import { runDemo } from "../run_demo.ts";
import { tellOfShards } from "./story.ts";

/** Servers: one shard, and those that wait. */
const SERVERS = 3;

const KEYS = [
  "pool: [shard-2, shard-3]          # servers that wait",
  "metrics: { interval: 1s }",
  `max_shards: ${SERVERS}`,
  "budget: { shards: 2, per: 1h }",
  "move: { keep_old: 0s }            # for the demonstration: what was moved is deleted at once",
  "policies:",
  "  - { name: hot, each: shard, when: rows > 1k, for: 2s, then: split, settle: 1s }",
];

async function perform(narrator: Narrator, cleanUp: AsyncDisposableStack): Promise<void> {
  narrator.title(
    "Query Sniper: a demonstration of shards",
    "One server fills, and others take their part. Ctrl-C ends the demonstration.",
  );
  await provide();
  const flavors = await availableFlavors();
  const flavor = flavors.includes("mariadb") ? "mariadb" : flavors[0]!;
  narrator.say("lab", `starts ${SERVERS} servers: one shard with all rows, and two that wait`);
  const { servers } = cleanUp.use(await startShards(flavor, SERVERS));
  await startSmall(servers);
  const root = cleanUp.use(await writeGroup(smallConfig(servers, KEYS), { user: "root", password: "root" }));
  const plain = cleanUp.use(await writeGroup(smallConfig(servers, KEYS), ROUTER));
  await narrator.file("sharding, in query-sniper.yaml", KEYS.join("\n"));
  const coordinator = cleanUp.use(await startCoordinator(root.file));
  const router = cleanUp.use(await startRouter(plain.file));
  narrator.say("lab", `the router takes SQL at ${router.address}/query, the coordinator looks every second`);
  cleanUp.use(followed(coordinator, narrator));
  await tellOfShards({ coordinator, router, shards: SERVERS }, narrator);
}

/** Tells the events of the coordinator as they come. */
function followed({ program }: RunningCoordinator, narrator: Narrator): Disposable {
  let told = 0;
  const timer = setInterval(() => {
    for (; told < program.lines.length; told++) {
      narrator.event(JSON.parse(program.lines[told]!) as PublicEvent);
    }
  }, 100);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

if (import.meta.main) await runDemo(perform);
