// A fleet that is made up, for the status page and what else shows a fleet: `deno run -A tests/http/stage.ts [COUNT]`
// serves one with a good deal of trouble.

import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import type { AddressInfo } from "node:net";
import { type Clock, systemClock } from "../../src/clock.ts";
import type { WatchedDatabase } from "../../src/config/mod.ts";
import { type Event, EventStream } from "../../src/events/mod.ts";
import { Fleet, httpApp, type HttpContext } from "../../src/http/mod.ts";
import { gates, type Health, type Hold, type Mode, NO_MEMORY, type Rules } from "../../src/policy/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { policy, rules } from "../policy/fixture.ts";

/** What is looked at. */
export interface StageOptions {
  readonly names: readonly string[];
  readonly clock?: Clock;
  /** Of the whole fleet; a database that begins with `dry` is in a dry run whatever it is. */
  readonly mode?: Mode;
}

/** What a look sees, in milliseconds. */
export interface StagedLook {
  readonly lag?: number | null;
  readonly hll?: number | null;
  readonly readOnly?: boolean;
  readonly hold?: Hold;
  /** When it ended; now unless told. */
  readonly at?: number;
}

const POLICIES = [
  policy({
    name: "impacted",
    when: "lag > limits.lag or hll > limits.hll",
    where: "verb = 'select' and time > 10s",
  }),
  policy({ name: "idle-in-transaction", where: "idle and transaction_time > 1m", then: "kill connection" }),
];

/** A fleet, and what happens in it as a test tells it. */
export class Stage {
  readonly clock: Clock;
  readonly stream: EventStream;
  readonly fleet: Fleet;
  readonly context: HttpContext;
  readonly #rules = new Map<string, Rules>();
  readonly #holds = new Map<string, Hold>();
  /** What pauses kills there. */
  readonly pauses: {
    file?: string;
    listed: { database?: string; reason: string; by: string; until?: number }[];
  } = {
    listed: [],
  };
  /** What was posted to pause and resume. */
  readonly posts: unknown[] = [];

  constructor({ names, clock = systemClock, mode = "enforce" }: StageOptions) {
    this.clock = clock;
    this.stream = new EventStream({ clock, sql: "digest" });
    this.fleet = new Fleet({ clock, stream: this.stream });
    this.context = {
      version: "0.1.0",
      clock,
      fleet: this.fleet,
      started: clock.wall(),
      config: () => {
        throw new Error("No configuration is on the stage");
      },
    };
    this.adopt(names, mode);
  }

  adopt(names: readonly string[], mode: Mode = "enforce"): void {
    const limits = { lag: 30_000, hll: 1_000_000 };
    for (const name of names) {
      this.#rules.set(name, rules(POLICIES, { limits, mode: name.startsWith("dry") ? "dry-run" : mode }));
    }
    this.fleet.adopt(names.map((name): WatchedDatabase => ({
      name,
      ...name.includes("replica") && { group: "replicas" },
      address: { host: "127.0.0.1", port: 1 },
      tls: { mode: "disabled" } as unknown as WatchedDatabase["tls"],
      account: { user: "sniper", password: new Secret("x") } as unknown as WatchedDatabase["account"],
      rules: this.#rules.get(name)!,
      interval: 1_000,
    })));
  }

  connected(name: string): void {
    const mode = this.#rules.get(name)!.mode;
    this.stream.emit({
      ...{ event: "connected", database: name, flavor: "MariaDB", version: "10.11.14-MariaDB" },
      ...{ mode, encrypted: true },
    });
    if (mode === "enforce") this.stream.emit({ event: "lease", database: name, state: "held" });
  }

  look(name: string, { lag = 0, hll = 1_200, readOnly = false, hold, at }: StagedLook = {}): void {
    const rules = this.#rules.get(name)!;
    const reading = (value: number | null) => value === null ? { unknown: "not measured" } : value;
    const health = { lag: reading(lag), hll: reading(hll) } as unknown as Health;
    const now = { now: this.clock.now(), wall: this.clock.wall() };
    const held = hold ?? this.#holds.get(name);
    this.fleet.looked(name, {
      at: at ?? this.clock.wall(),
      took: 1.5,
      health,
      gates: gates({ health }, rules, NO_MEMORY, now),
      ...held !== undefined && { hold: held },
      readOnly,
    });
  }

  /** A kill, or what became of it. */
  kill(name: string, rest: Partial<Extract<Event, { readonly event: "kill" }>> = {}): void {
    this.stream.emit({
      ...{ event: "kill", database: name, policy: "impacted", mode: "enforce", action: "kill query" },
      ...{ outcome: "killed", took_ms: 3.2 },
      because: [{ expression: "lag > limits.lag", left: "42s", right: "30s" }],
      session: { id: 812, user: "app", host: "10.0.0.5", db: "orders", command: "Query", time_ms: 12_873 },
      statement: statement(
        "SELECT o.id, o.total FROM orders o JOIN lines l ON l.order_id = o.id WHERE o.note LIKE '%x%'",
      ),
      ...rest,
    });
  }

  /** Holds kills from the next look on; undefined: not any more. */
  hold(names: readonly string[], hold: Hold | undefined): void {
    for (const name of names) {
      if (hold === undefined) this.#holds.delete(name);
      else this.#holds.set(name, hold);
    }
  }

  /** All routes, with pause and resume as simple as they can be. */
  app(): Hono {
    const app = new Hono();
    app.use(secureHeaders());
    for (const action of ["pause", "resume"] as const) {
      app.post(`/api/v1/${action}`, async (context) => {
        const body = await context.req.json();
        this.posts.push({ action, ...body });
        if (body.reason === "refuse") return context.json({ error: "The pause file cannot be written" }, 500);
        const { database, reason, by = "somebody", duration } = body;
        const names = database === undefined ? [...this.#rules.keys()] : [database];
        this.hold(names, action === "pause" ? { reason: "paused", note: `${reason}, by ${by}` } : undefined);
        this.pauses.listed = this.pauses.listed.filter((pause) => pause.database !== database);
        if (action === "pause") {
          const until = duration === undefined ? {} : { until: this.clock.wall() + 600_000 };
          this.pauses.listed.push({ ...database !== undefined && { database }, reason, by, ...until });
        }
        return context.json({});
      });
    }
    return app.route(
      "/",
      httpApp({ ...this.context, ...{ pauses: () => ({ state: () => Promise.resolve(this.pauses) }) } }),
    );
  }
}

/** A statement as a session runs it. */
export function statement(sql: string, verb = "select") {
  return { sql: { text: new Secret(sql), cut: false }, verb, tags: {} };
}

/** Serves it as the program does. Port 0 is any that is free. */
export async function serveStage(
  stage: Stage,
  port = 0,
): Promise<{ readonly url: string; end(): Promise<void> }> {
  const { promise, resolve } = Promise.withResolvers<AddressInfo>();
  const server = serve({ fetch: stage.app().fetch, port, hostname: "127.0.0.1" }, resolve);
  const url = `http://127.0.0.1:${(await promise).port}`;
  return {
    url,
    end: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        (server as unknown as { closeAllConnections(): void }).closeAllConnections();
      }),
  };
}

/** A fleet with a past, in which each kind of trouble is there once. Returns what to call for each second that passes. */
export function trouble(stage: Stage, names: readonly string[]): () => void {
  const [first, second, third, fourth, fifth, ...rest] = names as [
    string,
    string,
    string,
    string,
    string,
    ...string[],
  ];
  const now = stage.clock.wall();
  for (const name of names) stage.connected(name);
  for (let ago = 880_000; ago >= 0; ago -= 5_000) {
    const wave = Math.sin(ago / 40_000);
    const at = now - ago;
    stage.look(first, {
      lag: ago > 300_000 ? 2_000 + 1_500 * wave : 62_000 - ago / 6,
      hll: 400_000 + 90_000 * wave,
      readOnly: true,
      at,
    });
    stage.look(second, { lag: 0, hll: 2_400_000 - ago * 2, at });
    stage.look(third, { lag: 34_000 + 4_000 * wave, readOnly: true, at });
    stage.look(fourth, { lag: ago > 120_000 && ago < 400_000 ? 55_000 : 800, readOnly: true, at });
  }
  for (const name of rest) stage.look(name, { hll: 900 });
  stage.stream.emit({
    ...{ event: "unreachable", database: fifth, reason: "Connection refused (10.0.0.9:3306)" },
    advice: "Is the server running there, and does a firewall let this host in?",
  });
  return () => {
    const wave = Math.sin(stage.clock.wall() / 5_000);
    stage.look(first, { lag: 61_000 + 3_000 * wave, hll: 402_000, readOnly: true });
    stage.look(second, { lag: 0, hll: Math.round(2_400_000 + 1_000 * wave) });
    stage.look(third, { lag: 34_000 + 2_000 * wave, readOnly: true });
    stage.look(fourth, { lag: 700, readOnly: true });
    for (const name of rest) {
      stage.look(name, { hll: Math.round(900 + 40 * wave), readOnly: name.includes("replica") });
    }
  };
}

/** Names of databases as fleets have them; the first five are those of `trouble`. */
export function fleetNames(count: number): readonly string[] {
  const fixed = [
    "orders-replica-2",
    "billing-primary",
    "dry-reporting-replica",
    "orders-replica-1",
    "stock-primary",
  ];
  const more = Array.from(
    { length: Math.max(0, count - fixed.length) },
    (_, n) => `shop-${String(n).padStart(3, "0")}-${n % 3 === 0 ? "primary" : "replica"}`,
  );
  return [...fixed, ...more].slice(0, count);
}

/** Decisions of each kind. */
export async function decisions(stage: Stage, names: readonly string[]): Promise<void> {
  const [first, second, third, fourth] = names as [string, string, string, string];
  const open = [{ expression: "lag > limits.lag", left: "42s", right: "30s" }];
  stage.stream.emit({ event: "gate", database: first, policy: "impacted", state: "open", because: open });
  for (let n = 0; n < 9; n++) {
    stage.kill(first, {
      session: {
        id: 900 + n,
        user: "app",
        host: "10.0.0.5",
        db: "orders",
        command: "Query",
        time_ms: 11_000 + n * 400,
      },
    });
  }
  stage.kill(second, {
    outcome: "survived",
    because: [{ expression: "hll > limits.hll", left: "2.4M", right: "1M" }],
    note: "it waits for the disk",
  });
  stage.kill(third, { outcome: "would-kill", mode: "dry-run" });
  stage.kill(fourth, {
    outcome: "skipped",
    reason: "protected",
    because: [{ expression: "user in ('backup', 'replicator')", left: "backup" }],
  });
  stage.kill(first, {
    statement: statement("SELECT COUNT(*) FROM events WHERE at > '2020-01-01' GROUP BY kind"),
  });
  await stage.clock.sleep(20);
}

if (import.meta.main) {
  const names = fleetNames(Number(Deno.args[0] ?? 40));
  const stage = new Stage({ names });
  const tick = trouble(stage, names);
  await decisions(stage, names);
  setInterval(tick, 1_000);
  setInterval(() => stage.kill(names[0]!), 7_000);
  const { url } = await serveStage(stage, Number(Deno.args[1] ?? 0));
  await Deno.stdout.write(new TextEncoder().encode(`${url}\n`));
}
