import { type Context, Hono } from "hono";
import { DatabaseError } from "../../connection/mod.ts";
import { groupWith } from "../members/member.ts";
import { MoveError, readMoves } from "../move/mod.ts";
import type { PlanJson } from "../plan/mod.ts";
import { type GroupMap, openRouter, readMap } from "../router/open_router.ts";
import { PROBLEMS, RouterProblem } from "../router/problem.ts";
import { type QueryRequest, readRequest } from "../router/request.ts";
import { explained } from "../router/router_app.ts";
import { type Change, ChangeError } from "./change.ts";
import { changeRoutes, type RefusedRequest } from "./change_routes.ts";
import type { Coordinator } from "./coordinator.ts";
import type { GroupWatch } from "./group_watch.ts";
import { metricsText } from "./group_metrics_text.ts";
import { groupReader, type GroupReaderOptions } from "./read_group.ts";
import { BadRequest, bodyOf } from "./request_body.ts";
import { type GroupView, shardsJson } from "./shards_json.ts";
import type { Group } from "../members/member.ts";

/** What the routes of a coordinator need. */
export interface CoordinatorAppOptions extends GroupReaderOptions {
  readonly coordinator: Coordinator;
  readonly watch: GroupWatch;
  /** Told of what should never happen; the caller is told no more than that. */
  failed(error: unknown): void;
  /** Told of what is not changed, though somebody asked for it. */
  refused(request: RefusedRequest): void;
}

const ROUTES =
  "GET / (a page), /group, /shards, /moves, /changes, /health, /metrics, POST /shards, /moves, /shards/ID/drain, /changes/ID/abort, /explain";

/** The codes of errors, with their status. */
const STATUS = {
  refused: 400,
  bad_request: 400,
  not_found: 404,
  conflict: 409,
  unavailable: 503,
  metadata: 503,
} as const;

/** How many changes are shown. */
const SHOWN = 100;

/** The routes of a coordinator, behind no guard: whoever serves them checks who asks. */
export function coordinatorApp(options: CoordinatorAppOptions): Hono {
  const { coordinator, group, failed } = options;
  const app = new Hono();
  app.use(async (c, next) => {
    c.header("cache-control", "no-store");
    await next();
  });
  const readGroup = groupReader(options);
  app.get("/group", async (c) => c.json(await readGroup()));
  app.get("/shards", async (c) => c.json(shardsJson(await viewOf(options))));
  app.get("/moves", async (c) => c.json(await readMoves(await groupOf(options))));
  app.get("/changes", async (c) => c.json(await coordinator.changes(SHOWN)));
  app.get("/health", async (c) => {
    const health = await healthOf(options);
    return c.json(health, health.status === "failing" ? 503 : 200);
  });
  app.get("/metrics", async (c) => {
    const { type, text } = await metricsOf(options);
    return c.body(text, 200, { "content-type": type });
  });
  changeRoutes(app, { ...options, groupNow: () => groupOf(options) });
  app.post("/explain", async (c) => {
    const wantsText = c.req.header("accept")?.includes("text/plain") === true;
    const router = { explain: (request: QueryRequest) => explain(options, request) };
    const { text, type } = await explained(readRequest(await bodyOf(c)), router, { wantsText });
    return c.body(text, 200, { "content-type": type });
  });
  app.notFound((c) => problem(c, 404, { code: "not_found", message: "there is nothing here", hint: ROUTES }));
  app.onError((error, c) => problemOf(c, error, { failed, metadata: group.sharding.metadata }));
  return app;
}

interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

function problem(
  c: Context,
  status: 400 | 401 | 404 | 409 | 500 | 503 | 504,
  { code, message, hint }: Problem,
): Response {
  return c.json({ error: { code, message, ...hint !== undefined && { hint } } }, status);
}

function problemOf(
  c: Context,
  error: unknown,
  { failed, metadata }: { readonly metadata: string } & Pick<CoordinatorAppOptions, "failed">,
): Response {
  if (error instanceof BadRequest) return problem(c, 400, { code: "bad_request", message: error.message });
  if (error instanceof ChangeError) return problem(c, STATUS[error.code], error);
  if (error instanceof MoveError) {
    const isBusy = error.code !== "refused";
    return problem(c, isBusy ? 409 : 400, {
      code: isBusy ? "conflict" : "refused",
      message: error.message,
      hint: error.advice,
    });
  }
  if (error instanceof RouterProblem) return problem(c, PROBLEMS[error.code], error);
  if (error instanceof DatabaseError) {
    const message = `a server of the group, or ${metadata} with the map, cannot be used: ${error.message}`;
    return problem(c, 503, { code: "metadata", message, hint: error.advice });
  }
  failed(error);
  return problem(c, 500, { code: "internal", message: "the coordinator failed: its log says how" });
}

/** By the tables and the map of now: it is seldom asked, and keeps no connections. */
async function explain(
  { group: { sharding, databases }, clock }: CoordinatorAppOptions,
  request: QueryRequest,
): Promise<readonly PlanJson[]> {
  const { router, end } = await openRouter(sharding, { databases, clock });
  try {
    return await router.explain(request);
  } finally {
    await end();
  }
}

async function mapOf({ group: { sharding, databases } }: CoordinatorAppOptions): Promise<GroupMap> {
  return await readMap(sharding, databases.find(({ name }) => name === sharding.metadata)!);
}

async function groupOf(options: CoordinatorAppOptions): Promise<Group> {
  return groupWith((await mapOf(options)).members, options.group);
}

async function viewOf(options: CoordinatorAppOptions): Promise<GroupView> {
  const { watch, clock, coordinator, group } = options;
  const map = await mapOf(options);
  const { members } = map;
  const { snapshot } = watch;
  const { action, source } = coordinator.current ?? {} as Partial<Change>;
  return {
    map,
    members,
    shards: groupWith(members, group).sharding.shards,
    moves: await readMoves(group, { active: true }),
    snapshot,
    draining: action === "drain" ? source : undefined,
    at: clock.wall() - (snapshot === undefined ? 0 : clock.now() - snapshot.at),
  };
}

async function metricsOf(
  options: CoordinatorAppOptions,
): Promise<{ readonly type: string; readonly text: string }> {
  const { coordinator, watch } = options;
  const view = await viewOf(options);
  return await metricsText(shardsJson(view), {
    active: coordinator.role.role === "active",
    looks: watch.looks,
    mapVersion: view.map.version,
    underWay: view.moves.length + (coordinator.current === undefined ? 0 : 1),
  });
}

/** What a coordinator says of itself. */
export interface CoordinatorHealth {
  /** `failing`: the group cannot be looked at, or its map cannot be read; `waiting`: it changes nothing now. */
  readonly status: "ok" | "waiting" | "failing";
  readonly role: Coordinator["role"]["role"];
  readonly why?: string;
  readonly map_version: number | null;
  readonly shards: Readonly<Record<string, string>>;
  /** The change that is under way. */
  readonly change?: Change;
  readonly paused?: string;
}

async function healthOf(options: CoordinatorAppOptions): Promise<CoordinatorHealth> {
  const { coordinator, watch } = options;
  const { role } = coordinator;
  const paused = await options.paused();
  const whys: string[] = [];
  let version: number | null = null;
  try {
    version = (await mapOf(options)).version;
  } catch (error) {
    if (!(error instanceof RouterProblem)) throw error;
    whys.push(error.message);
  }
  if (watch.problem !== undefined) whys.push(`the shards cannot be looked at: ${watch.problem}`);
  const { snapshot } = watch;
  const down = snapshot?.shards.filter(({ reachable }) => !reachable).map(({ shard }) => shard) ?? [];
  if (down.length > 0) whys.push(`cannot be reached: ${down.join(", ")}`);
  if (snapshot?.map.agrees === false) {
    whys.push(`the map and the shards disagree: ${snapshot.map.reason ?? ""}`);
  }
  const isFailing = whys.length > 0;
  if (role.role === "standby") whys.push(`it changes nothing: ${role.why}`);
  if (paused !== undefined) whys.push(`changes are paused: ${paused}`);
  if (coordinator.waitsFor !== undefined) whys.push(`the change under way waits: ${coordinator.waitsFor}`);
  return {
    status: isFailing ? "failing" : whys.length > 0 ? "waiting" : "ok",
    role: role.role,
    ...whys.length > 0 && { why: whys.join("; ") },
    map_version: version,
    shards: Object.fromEntries(
      (snapshot?.shards ?? []).map(({ shard, reachable }) => [shard, reachable ? "ok" : "unreachable"]),
    ),
    ...coordinator.current && { change: coordinator.current },
    ...paused !== undefined && { paused },
  };
}
