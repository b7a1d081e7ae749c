import { assert } from "@std/assert";
import { canAbort } from "../../../src/shards/move/mod.ts";
import type { LabServer } from "../../lab/mod.ts";
import type { Carriers, Route } from "./carriers.ts";
import { delayOf, type KillPlan, type KillReport, type Target, type Victim } from "./kills.ts";
import { numbersFrom, pause, pick } from "./numbers.ts";
import type { Progress } from "./progress.ts";
import type { LedgerRouter } from "./routers.ts";
import { type Journalled, lastMove, ownersOf } from "./servers.ts";

/** What moves are made on, and killed with. */
export interface MoveStage {
  readonly servers: readonly LabServer[];
  readonly routers: readonly LedgerRouter[];
  readonly carriers: Carriers;
  readonly progress: Progress;
  readonly plan: KillPlan;
  readonly report: KillReport;
  readonly victims: readonly Victim[];
  readonly seed: number;
  say(line: string): void;
}

/** So many moves one after the other are carried out by a coordinator, and so many by `shards move`. */
const TURN = 10;
/** After so many kills nothing more is killed in a move. */
const MOST_TURNS = 12;

/** Of moves that a coordinator carries out, each fifth is begun by a mover: the coordinator takes over what that one left. */
const TAKEN_OVER = 5;

/** Who carries out a move, from its number. */
function carriersOf(
  { victims }: MoveStage,
  number: number,
): { readonly coordinated: boolean; readonly moved: boolean } {
  const coordinated = victims.includes("coordinator") && Math.floor((number - 1) / TURN) % 2 === 1;
  return { coordinated, moved: !coordinated || number % TAKEN_OVER === 0 };
}

/**
 * Makes one move, and kills what its plan says, until the move has ended.
 * @returns What the journal says of it.
 */
export async function moveOnce(stage: MoveStage, number: number): Promise<Journalled> {
  const next = numbersFrom(stage.seed * 7919 + number);
  const { coordinated, moved } = carriersOf(stage, number);
  const targets = stage.plan.draw(
    stage.victims.filter((victim) =>
      (victim !== "coordinator" || coordinated) && (victim !== "mover" || moved)
    ),
  );
  const route = await routeOf(stage, next);
  const before = (await lastMove(stage.servers[0]!))?.id ?? 0;
  stage.progress.begin(before);
  await stage.carriers.coordinate(coordinated);
  const { from, to, slots } = route;
  stage.say(`move ${number}: ${slots.split(",").length} slots from ${from} to ${to}`);
  const move: OneMove = { stage, before, coordinated, moved, route, wantsAbort: false };
  await begin(move);
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const target = targets.shift();
    if (target === undefined) break;
    await strike(move, target);
    const last = await carryOn(move, next);
    if (last !== undefined) return last;
  }
  return await calmEnd(move, next);
}

interface OneMove {
  readonly stage: MoveStage;
  /** The id of the move before. */
  readonly before: number;
  /** Whether a coordinator runs. */
  readonly coordinated: boolean;
  /** Whether `shards move` orders it. */
  readonly moved: boolean;
  readonly route: Route;
  /** Whether it was ordered to be undone. */
  wantsAbort: boolean;
}

async function routeOf({ servers }: MoveStage, next: () => number): Promise<Route> {
  const owners = await ownersOf(servers);
  const from = pick(owners.flatMap((slots, index) => slots.length > 0 ? [index] : []), next);
  const to = pick(servers.flatMap((_, index) => index === from ? [] : [index]), next);
  const all = owners[from]!;
  const share = next() < 0.2 ? all.length : 1 + Math.floor(next() * Math.min(all.length, 400));
  const first = Math.floor(next() * (all.length - share + 1));
  const slots = all.slice(first, first + share).join(",");
  return { from: `shard-${from + 1}`, to: `shard-${to + 1}`, slots };
}

async function begin({ stage: { carriers, victims }, route, moved }: OneMove): Promise<void> {
  if (moved) carriers.startMover("move", route.from, route.to, route.slots);
  else await carriers.order(route, victims.includes("server"));
}

function hasEnded({ before }: OneMove, { id, state }: Journalled): boolean {
  return id > before && (state === "done" || state === "aborted");
}

/** Starts again what was killed. Returns the move where it has ended. */
async function carryOn(move: OneMove, next: () => number): Promise<Journalled | undefined> {
  const { stage: { carriers, servers, say }, before, coordinated } = move;
  const wish = next();
  if (coordinated) await carriers.coordinate(true);
  const last = await lastMove(servers[0]!);
  if (last !== undefined && hasEnded(move, last)) {
    await carriers.takeEnd();
    return last;
  }
  if (last === undefined || last.id === before) {
    // It was killed before it asked for anything.
    if (!carriers.hasMover) await begin(move);
    return undefined;
  }
  const isResting = last.state === "paused";
  if (carriers.hasMover || (coordinated && !isResting)) return undefined;
  if (isResting) say(`  it rests: ${last.reason}`);
  if (!move.wantsAbort && wish < 0.1 && canAbort(last.step)) move.wantsAbort = true;
  say(`  again from ${last.step}${move.wantsAbort ? ", to be undone" : ""}`);
  const isUndone = last.state === "aborting" || (move.wantsAbort && canAbort(last.step));
  carriers.startMover(isUndone ? "abort" : "resume", String(last.id));
  return undefined;
}

/** Kills what is to be killed as soon as the move has come there; nothing, where it ends before. */
async function strike(move: OneMove, target: Target): Promise<void> {
  const { stage: { progress, report, routers, servers, say }, before } = move;
  if (target.victim === "router") await Promise.all(routers.map(({ back }) => back));
  if (!await arrived(move, target)) return;
  await pause(delayOf(target));
  const told = progress.step ?? "requested";
  if (!await kill(move.stage, target)) return;
  // What carried it out may have been further than it said.
  const isCarrier = target.victim === "mover" || target.victim === "coordinator";
  const last = isCarrier ? await lastMove(servers[0]!) : undefined;
  if (isCarrier && (last === undefined || last.id === before)) return;
  const step = last?.step ?? told;
  report.add(target.victim, step);
  say(`  killed the ${target.victim} at ${step}`);
}

/** Whether the move is at the step now; it is asked for at the least. */
async function arrived({ stage, before }: OneMove, { step }: Target): Promise<boolean> {
  const { carriers, progress, servers } = stage;
  const over = carriers.ended;
  if (step !== undefined && step !== "requested") return await progress.reached(step, over);
  let isOver = false;
  over.then(() => isOver = true);
  while (progress.step === undefined && !isOver) {
    if (((await lastMove(servers[0]!))?.id ?? 0) > before) break;
    await pause(3);
  }
  return !isOver;
}

/** Whether it was there to be killed. */
async function kill(
  { carriers, routers, servers, say }: MoveStage,
  { victim, which }: Target,
): Promise<boolean> {
  switch (victim) {
    case "mover":
      return carriers.hasMover && await carriers.killMover();
    case "coordinator":
      if (!carriers.hasCoordinator) return false;
      await carriers.killCoordinator();
      return true;
    case "router": {
      await routers[Math.floor(which * routers.length)]!.kill();
      return true;
    }
    case "server": {
      const server = servers[Math.floor(which * servers.length)]!;
      await server.kill();
      await server.start();
      say(`  ${server.name} is back`);
      return true;
    }
  }
}

/** How long a move may take that nobody disturbs any more, in milliseconds. */
const LONGEST_CALM = 150_000;

/** Lets the move come to its end. */
async function calmEnd(move: OneMove, next: () => number): Promise<Journalled> {
  const { stage: { carriers, servers, victims } } = move;
  const until = performance.now() + LONGEST_CALM;
  for (;;) {
    const end = await carriers.takeEnd();
    if (end !== undefined && end.code !== 0 && !move.wantsAbort) {
      const isKnown = victims.includes("server") || /another process/.test(end.stderr);
      assert(isKnown, `the mover ended with ${end.code}: ${end.stdout}${end.stderr}`);
    }
    const last = await carryOn(move, next);
    if (last !== undefined) return last;
    assert(
      performance.now() < until,
      `a move does not end: ${JSON.stringify(await lastMove(servers[0]!))}`,
    );
    if (!carriers.hasMover) await pause(100);
  }
}
