import type { Hono } from "hono";
import { type Clock, systemClock } from "../../src/clock.ts";
import type { Config, WatchedDatabase } from "../../src/config/mod.ts";
import { type Event, EventStream, type PublicEvent } from "../../src/events/mod.ts";
import { Fleet, httpApp, type HttpContext, RequestCounts, Streams } from "../../src/http/mod.ts";
import type { Gate } from "../../src/policy/mod.ts";
import { Pauses, type SeenLook } from "../../src/watch/mod.ts";
import { killed } from "../notify/fixture.ts";
import { Folder, IF_PRESENT, load } from "../config/folder.ts";

export const AT = Date.parse("2026-11-20T10:00:00Z");

/** The machine's clock, but that the time of people is set. */
export class SetWall implements Clock {
  at = AT;
  now = (): number => systemClock.now();
  wall = (): number => this.at;
  sleep = systemClock.sleep;
}

export const THREE = `
limits: { lag: 30s }
policies:
  - name: impacted
    when: lag > limits.lag
    where: running and time > 10s
    then: kill query
  - { name: idle, where: idle and transaction_time > 1h, then: kill connection, mode: dry-run }
databases:
  - { name: orders, host: 127.0.0.1, mode: enforce, group: shop }
  - { name: users, host: 127.0.0.1, port: 3307 }
  - { name: reports, host: 127.0.0.1, port: 3308 }
groups: { shop: {} }
`;

/** The JSON of an answer, whatever it is. */
// deno-lint-ignore no-explicit-any
export type AnyJson = any;

/** Routes over a fleet that is told what was seen, without a socket. */
export interface Stage extends AsyncDisposable {
  readonly app: Hono;
  readonly requests: RequestCounts;
  readonly context: HttpContext;
  readonly fleet: Fleet;
  readonly stream: EventStream;
  readonly clock: SetWall;
  readonly folder: Folder;
  /** Undefined: the journal is off. */
  usable: boolean | undefined;
  emit(event: Event): Promise<void>;
  looked(database: string, seen?: Partial<SeenLook>): void;
  /** The JSON of an answer, with its status. */
  json(path: string, init?: RequestInit): Promise<{ readonly status: number; readonly body: AnyJson }>;
  post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: AnyJson }>;
}

/** @param yaml A configuration. */
export async function stage(yaml = THREE, changes: Partial<Config> = {}): Promise<Stage> {
  const folder = await Folder.make({});
  const clock = new SetWall();
  const loaded = await load({ "query-sniper.yaml": yaml }, IF_PRESENT);
  const config: Config = { ...loaded, pause: folder.file("pause"), ...changes };
  const stream = new EventStream({ clock, sql: "digest" });
  const fleet = new Fleet({ clock, stream });
  fleet.adopt(config.databases as readonly WatchedDatabase[]);
  const pauses = new Pauses(config.pause, { clock });
  const context: HttpContext = {
    version: "1.2.3",
    clock,
    fleet,
    started: AT - 60_000,
    streams: new Streams(),
    config: () => config,
    pauses: () => pauses,
    journalUsable: () => made.usable,
    dropped: () => stream.dropped,
  };
  const requests = new RequestCounts();
  const app = httpApp(context, requests);
  const json: Stage["json"] = async (path, init) => {
    const response = await app.request(path, init);
    return { status: response.status, body: await response.json() };
  };
  const made: Stage = {
    ...{ app, requests, context, fleet, stream, clock, folder, usable: true, json },
    async emit(event) {
      stream.emit(event);
      await new Promise((done) => setTimeout(done, 0));
    },
    looked: (database, seen = {}) => fleet.looked(database, { ...SEEN, at: clock.wall(), ...seen }),
    post: (path, body) =>
      json(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    async [Symbol.asyncDispose]() {
      fleet.end();
      await folder[Symbol.asyncDispose]();
    },
  };
  return made;
}

const OPEN_GATE: Gate = {
  policy: "impacted",
  state: "open",
  since: 0,
  ready: true,
  because: [{ expression: "lag > limits.lag", left: "42s", right: "30s" }],
} as unknown as Gate;

const SEEN: SeenLook = {
  at: AT,
  took: 4.2,
  health: { lag: 42_000, hll: 1234 } as unknown as SeenLook["health"],
  gates: [OPEN_GATE],
  readOnly: true,
};

export function connected(database: string): Event {
  return {
    ...{ event: "connected", database, flavor: "mariadb", version: "10.11" },
    ...{ mode: "enforce", encrypted: true },
  };
}

/** The event of a kill, without its statement: what is emitted has a secret there. */
export function killEvent(changes: Parameters<typeof killed>[0] = {}): Event {
  const { statement: _, ...event } = killed(changes) as Extract<PublicEvent, { readonly event: "kill" }>;
  return event;
}
