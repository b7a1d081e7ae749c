import { type Flavor, startShards } from "../lab/mod.ts";
import { groupConfig, initGroup, letRouterIn, prepareShard, writeGroup } from "./stage.ts";
import { Carriers } from "./ledger/carriers.ts";
import { KillPlan, KillReport, type Victim } from "./ledger/kills.ts";
import { Load, type LoadFigures } from "./ledger/load.ts";
import { moveOnce, type MoveStage } from "./ledger/move.ts";
import { Progress } from "./ledger/progress.ts";
import { LedgerRouter } from "./ledger/routers.ts";
import { checkAll, fill, type Journalled } from "./ledger/servers.ts";

/** What a run of the ledger does. */
export interface LedgerPlan {
  /** Of each shard. The first one owns all slots at the begin. */
  readonly flavors: readonly Flavor[];
  readonly moves: number;
  readonly seed: number;
  /** What is killed. */
  readonly victims: readonly Victim[];
  /** Told of what is done; omitted: nobody is. */
  say?(line: string): void;
}

/** What came of it. */
export interface LedgerFigures extends LoadFigures {
  readonly moves: number;
  readonly aborted: number;
  readonly kills: KillReport;
  /** Milliseconds for which slots were frozen, by move. */
  readonly frozen: readonly number[];
}

/** The accounts of the routers: when one is killed, it is known which sessions were its own. */
const ROUTER_USERS = ["router-1", "router-2"] as const;

function configOf(servers: Parameters<typeof groupConfig>[0]): string {
  return groupConfig(servers, "timeout: 20s, ").replace(
    "  router:",
    '  move: { keep_old: 200ms, chunk: 300, pause_when: threads_running > 1000 }\n  admin: { listen: "127.0.0.1:0" }\n' +
      "  router:",
  );
}

/**
 * Moves slots among shards while they are read and written, and kills what does it.
 * @throws {AssertionError} Where anything is lost, doubled or stale.
 */
export async function moveLedger(plan: LedgerPlan): Promise<LedgerFigures> {
  await using stack = new AsyncDisposableStack();
  const clusters = await Promise.all(plan.flavors.map((flavor) => startShards(flavor, 1)));
  for (const cluster of clusters) stack.defer(() => cluster.stop());
  const servers = clusters.map(({ servers }) => servers[0]!);
  await Promise.all(servers.map(prepareShard));
  for (const user of ROUTER_USERS) await Promise.all(servers.map((server) => letRouterIn(server, user)));
  await initGroup([servers[0]!]);
  await fill(servers[0]!);
  const text = configOf(servers);
  const movers = stack.use(await writeGroup(text, { user: "root", password: "root" }));
  const routers: LedgerRouter[] = [];
  for (const user of ROUTER_USERS) routers.push(stack.use(await LedgerRouter.start(text, user, servers)));
  const progress = new Progress();
  const carriers = stack.use(new Carriers(movers.file, progress));
  return await run(plan, {
    ...{ servers, routers, carriers, progress, victims: plan.victims, seed: plan.seed },
    plan: new KillPlan(plan.seed),
    report: new KillReport(),
    say: (line) => plan.say?.(line),
  });
}

/** After so many moves the clients rest, and all rows are looked at. */
const ROUND = 25;

async function run({ moves, seed, victims }: LedgerPlan, stage: MoveStage): Promise<LedgerFigures> {
  const ended: Journalled[] = [];
  let load: Load | undefined;
  while (load === undefined || ended.length < moves) {
    const killsServers = victims.includes("server");
    load = new Load(stage.routers, { seed: seed + ended.length, killsServers, before: load });
    await round(stage, load, { ended, until: Math.min(moves, ended.length + ROUND) });
    stage.say(`all rows are right after ${ended.length} moves\n${stage.report.text(victims)}`);
  }
  return {
    ...load.figures,
    moves,
    aborted: ended.filter(({ state }) => state === "aborted").length,
    frozen: ended.flatMap(({ frozen }) => frozen ?? []),
    kills: stage.report,
  };
}

async function round(
  stage: MoveStage,
  load: Load,
  { ended, until }: { readonly ended: Journalled[]; readonly until: number },
): Promise<void> {
  try {
    while (ended.length < until) {
      ended.push(await moveOnce(stage, ended.length + 1));
      load.check();
    }
    await Promise.all(stage.routers.map(({ back }) => back));
    await load.end();
  } catch (error) {
    await load.abandon();
    load.check();
    throw error;
  }
  await checkAll(load.entries, stage.servers);
}
