// A group of shards that is made up, for its page: `deno run -A tests/http/shards/stage.ts SCENE [PORT]` serves one.

import { Hono } from "hono";
import { systemClock } from "../../../src/clock.ts";
import type { ListenConfig } from "../../../src/config/mod.ts";
import { HttpServer } from "../../../src/http/server/mod.ts";
import { COORDINATOR_SITE, groupPage } from "../../../src/http/shards/mod.ts";
import { type GroupParts, type GroupState, groupState } from "../../../src/shards/coordinator/mod.ts";
import { decideGroup, type GroupMoment, NO_GROUP_MEMORY } from "../../../src/shards/policy/mod.ts";
import { Secret } from "../../../src/text/secret.ts";
import { cold, hot, MINUTE, rules, shard, snapshot } from "../../shards/policy/fixture.ts";

const WALL = Date.parse("2026-11-27T03:12:33.000Z");
const NOW = 100 * MINUTE;

/** A moment of the stage, in UTC: so many milliseconds ago. */
export function ago(milliseconds: number): string {
  return new Date(WALL - milliseconds).toISOString();
}

const NONE = { unknown: "there is no source: `metrics.node_exporter` can name one for this shard" };

/** Values of a shard that is well. */
const CALM = { rows: 81_234, cpu: 31.4, memory: 62, disk: 40.2, qps: 812.5, connections: 41, size: 1e9 };

const POLICIES = [
  hot({ when: "rows > 100000 or cpu > 70%", for: MINUTE, settle: 30 * MINUTE }),
  cold({ name: "cold", when: "sum(rows) > 2000000", for: 5 * MINUTE }),
];

const SHARDS = ["shard-1", "shard-2", "shard-3", "shard-4"];

/** A map in which each of these shards has as many slots, side by side. */
function mapOf(shards: readonly string[]): NonNullable<GroupParts["record"]>["map"] {
  const owners = Array.from(
    { length: 1_024 },
    (_, slot) => shards[Math.floor(slot * shards.length / 1_024)]!,
  );
  const epochs = new Map(shards.map((name, index) => [name, String(index + 3)]));
  return { version: 18, owners, epochs, since: epochs, hiding: new Set() };
}

/** The parts of a state in which all is well, but for what is given. */
export function parts(rest: Partial<GroupParts> = {}): GroupParts {
  return {
    ...{ version: "0.1.0", schema: "shop", policies: POLICIES.length, interval: 10_000, mode: "enforce" },
    ...{ now: NOW, wall: WALL, role: { role: "active" }, current: undefined, waitsFor: undefined },
    ...{ paused: undefined, lookProblem: undefined, shards: SHARDS },
    ...{ recordAt: NOW - 400, recordProblem: undefined },
    record: {
      ...{ map: mapOf(SHARDS), members: [], shards: SHARDS, moves: [], changes: [PAST_CHANGE] },
    },
    ...looked(SHARDS.map((name) => shard(name, CALM))),
    ...rest,
  };
}

/** What a look found and what the policies decide of it; gates have been open for two minutes and a bit. */
export function looked(
  shards: Parameters<typeof snapshot>[1],
  { since = 133_000, at = 3_200, map, ...more }:
    & { readonly since?: number; readonly at?: number }
    & Partial<NonNullable<GroupParts["snapshot"]>>
    & Partial<Parameters<typeof rules>[1]>
    & Pick<GroupMoment, "hold"> = {},
): Pick<GroupParts, "snapshot" | "gates"> {
  const { hold, ...rest } = more;
  const found = snapshot(NOW - at, shards, { ...map && { map } });
  const own = rules(POLICIES, rest);
  const moment = { wall: WALL, ...hold && { hold } };
  const first = decideGroup(found, own, NO_GROUP_MEMORY, { ...moment, now: NOW - at - since });
  const second = decideGroup(found, own, { ...first.memory, told: [] }, { ...moment, now: NOW - at });
  const gates = second.gates.map((each) => {
    const decision = second.decisions.find(({ policy, shard }) =>
      policy === each.policy.name && shard === each.shard
    );
    return { ...each, ...decision && { decision } };
  });
  return { snapshot: found, gates };
}

const PAST_CHANGE: NonNullable<GroupParts["current"]> = {
  ...{ id: "3", action: "split", source: "shard-1", shard: "shard-4", policy: "hot", named: false },
  ...{ cause: "hot: rows > 100000 (104k)", step: "ended", outcome: "done", transfers: [] },
  ...{ began: ago(5_400_000), changed: ago(4_500_000) },
};

type Moves = NonNullable<GroupParts["record"]>["moves"];

const PAST_MOVES: Moves = [{
  ...{
    id: "7",
    from: "shard-1",
    to: "shard-4",
    slots: [1, 2, 3],
    step: "done",
    state: "done",
    cause: "change 3",
  },
  ...{ rows_copied: 51_204, frozen_ms: 121, began: ago(5_000_000), changed: ago(4_520_000) },
}, {
  ...{ id: "8", from: "shard-2", to: "shard-3", slots: [400], step: "verify", state: "aborted" },
  ...{ rows_copied: 17, cause: "POST /moves", began: ago(4_000_000), changed: ago(3_900_000) },
  reason: "rows are not the same after the copy: users, slot 400",
}];

const MOVE: Moves[number] = {
  ...{ id: "9", from: "shard-2", to: "shard-5", step: "copy", state: "running", cause: "change 4" },
  slots: Array.from({ length: 1_024 }, (_, slot) => slot).filter((slot) =>
    (slot >= 256 && slot < 360) || (slot >= 400 && slot < 512 && slot % 3 === 0)
  ),
  ...{ rows_copied: 21_830, began: ago(252_000), changed: ago(240_000) },
};

const CHANGE: NonNullable<GroupParts["current"]> = {
  ...{ id: "4", action: "split", source: "shard-2", shard: "shard-5", policy: "hot", named: false },
  ...{ cause: "hot: rows > 100000 (120k)", step: "moving", transfers: [] },
  ...{ began: ago(300_000), changed: ago(252_000) },
};

const FIVE = [...SHARDS, "shard-5"];
const record = parts().record!;

function moving(rest: Partial<Moves[number]> = {}): Pick<GroupParts, "record" | "current"> {
  const moves = [...PAST_MOVES, { ...MOVE, ...rest }];
  return { record: { ...record, shards: FIVE, moves, changes: [CHANGE, PAST_CHANGE] }, current: CHANGE };
}

const full = { ...CALM, rows: 120_400 };
const HOT = [
  shard("shard-1", { ...CALM, cpu: NONE, memory: NONE, disk: NONE }),
  shard("shard-2", full, { hot_key: { table: "orders", percent: 63 } }),
  shard("shard-3", { ...CALM, cpu: 82.4 }, { rows_exact: false }),
  shard("shard-4", { ...CALM, rows: { unknown: "a table cannot be read", atLeast: 64_000 } as never }),
];

const refused = { unknown: "the shard cannot be reached: Connection refused (10.0.0.3:3306)" };

/** Names that would be markup, and more, where they are not escaped. */
export const HOSTILE = '<img src=x onerror="alert(1)">\u202e';

/** What the page can be asked about, each once. */
export const SCENES = {
  well: parts({ record: { ...record, moves: PAST_MOVES } }),
  hot: parts(looked(HOT)),
  "getting-hot": parts(looked([...HOT.slice(0, 1), shard("shard-2", full)], { since: 20_000 })),
  moving: parts({
    ...looked([
      ...HOT.slice(0, 2),
      ...SHARDS.slice(2).map((name) => shard(name, CALM)),
      shard("shard-5", { ...CALM, rows: 0 }),
    ]),
    ...moving(),
  }),
  resting: parts(moving({ state: "paused", reason: "lag of shard-2 is 12s: pause_when" })),
  paused: parts({
    ...looked(HOT.slice(0, 3), { hold: { reason: "paused", note: "the disks of rack 4 are replaced" } }),
    ...moving(),
    paused: "the disks of rack 4 are replaced",
  }),
  disagreeing: parts(looked(SHARDS.map((name) => shard(name, CALM)), {
    map: { version: 18, agrees: false, reason: "shard-2 owns 255 slots, and in the map 256 or others" },
  })),
  unreachable: parts(looked([
    ...SHARDS.slice(0, 2).map((name) => shard(name, CALM)),
    shard("shard-3", Object.fromEntries(Object.keys(CALM).map((name) => [name, refused])), {
      reachable: false,
    }),
    shard("shard-4", CALM),
  ])),
  old: parts({
    ...looked(SHARDS.map((name) => shard(name, CALM)), { at: 95_000 }),
    lookProblem: "Connection refused (10.0.0.1:3306)",
    recordAt: NOW - 93_000,
    recordProblem: "the map cannot be read from shard-1: Connection refused (10.0.0.1:3306)",
  }),
  standby: parts({ role: { role: "standby", why: "another coordinator has the lease" } }),
  "dry-run": parts({
    ...looked(HOT, { mode: "dry-run" }),
    ...{ mode: "dry-run", role: { role: "dry-run" } },
  }),
  beginning: parts({
    ...{ snapshot: undefined, gates: [], record: undefined, recordAt: undefined },
    role: { role: "standby", why: "it has just begun" },
  }),
  hostile: parts({
    ...looked([shard(HOSTILE, { ...full, cpu: { unknown: HOSTILE } }), shard("shard-2", CALM)]),
    ...{
      paused: HOSTILE,
      waitsFor: HOSTILE,
      version: HOSTILE,
      schema: HOSTILE,
      shards: [HOSTILE, "shard-2"],
    },
    record: {
      ...record,
      ...{ map: mapOf([HOSTILE, "shard-2"]), shards: [HOSTILE, "shard-2"] },
      moves: [
        { ...PAST_MOVES[1]!, from: HOSTILE, reason: HOSTILE },
        { ...MOVE, slots: [3], from: HOSTILE, to: HOSTILE, cause: HOSTILE, reason: HOSTILE },
      ],
      changes: [
        { ...CHANGE, source: HOSTILE, shard: HOSTILE, policy: HOSTILE, cause: HOSTILE },
        { ...PAST_CHANGE, source: HOSTILE, reason: HOSTILE, outcome: "failed" },
      ],
    },
  }),
} satisfies Readonly<Record<string, GroupParts>>;

export type Scene = keyof typeof SCENES;

/** What `GET /group` gives of a scene. */
export function stateOf(scene: Scene): GroupState {
  return groupState(SCENES[scene]);
}

const ANYBODY: ListenConfig = {
  address: { host: "127.0.0.1", port: 0 },
  hosts: [],
  hasTls: false,
  hasToken: false,
  hasClientCertificates: false,
};

/** A group that is served, and can be made another one. */
export interface ServedGroup extends AsyncDisposable {
  readonly url: string;
  readonly posted: readonly string[];
  become(scene: Scene): void;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Serves the page of a group as the coordinator does. */
export async function serveGroup(
  scene: Scene,
  { port = 0, tokens = [] }: { readonly port?: number; readonly tokens?: readonly string[] } = {},
): Promise<ServedGroup> {
  let current = scene;
  const posted: string[] = [];
  const app = new Hono();
  app.get("/group", (c) => c.json(stateOf(current)));
  app.post("/shards", (c) => {
    posted.push(c.req.path);
    return c.json({}, 202);
  });
  app.route("/", groupPage());
  const [token, ...more] = tokens.map((each) => new Secret(each));
  const listen = (at: number) =>
    HttpServer.listen({
      ...ANYBODY,
      address: { host: "127.0.0.1", port: at },
      ...token && { hasToken: true, token, moreTokens: more },
    }, {
      fetch: app.fetch,
      clock: systemClock,
      newId: () => crypto.randomUUID(),
      site: COORDINATOR_SITE,
    });
  let server = await listen(port);
  const own = server.config.address.port;
  return {
    url: `http://127.0.0.1:${own}/`,
    posted,
    become: (scene) => current = scene,
    stop: () => server.close(),
    async start() {
      server = await listen(own);
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

if (import.meta.main) {
  const { url } = await serveGroup(Deno.args[0] as Scene ?? "hot", { port: Number(Deno.args[1] ?? 0) });
  await Deno.stdout.write(new TextEncoder().encode(`${url}\n`));
}
