// A fleet that is made up, for the status page and what else shows a fleet: `deno run -A tests/http/stage.ts [COUNT]`
// serves one with a good deal of trouble.

import type { Hono } from "hono";
import { type Clock, systemClock } from "../../src/clock.ts";
import type { ListenConfig, WatchedDatabase } from "../../src/config/mod.ts";
import { type Event, EventStream } from "../../src/events/mod.ts";
import { Fleet, httpApp, type HttpContext, HttpServer, Streams } from "../../src/http/mod.ts";
import { gates, type Health, type Hold, type Mode, NO_MEMORY, type Rules } from "../../src/policy/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { Pauses } from "../../src/watch/mod.ts";
import { policy, rules } from "../policy/fixture.ts";

/** What is looked at. */
export interface StageOptions {
  readonly names: readonly string[];
  readonly clock?: Clock;
  /** Of the whole fleet; a database that begins with `dry` is in a dry run whatever it is. */
  readonly mode?: Mode;
  /** Where pauses are written; a folder that does not exist unless told. */
  readonly folder?: string;
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
  constructor(
    { names, clock = systemClock, mode = "enforce", folder = `/tmp/none-${crypto.randomUUID()}` }:
      StageOptions,
  ) {
    this.clock = clock;
    this.stream = new EventStream({ clock, sql: "digest" });
    this.fleet = new Fleet({ clock, stream: this.stream });
    const pauses = new Pauses(`${folder}/pause`, { clock });
    this.context = {
      version: "0.1.0",
      clock,
      fleet: this.fleet,
      started: clock.wall(),
      streams: new Streams(),
      pauses: () => pauses,
      journalUsable: () => true,
      dropped: () => 0,
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
    const note = this.context.pauses().known(name);
    const held: Hold | undefined = hold ?? (note === undefined ? undefined : { reason: "paused", note });
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

  /** All routes, without a guard. */
  app(): Hono {
    return httpApp(this.context);
  }
}

/** A statement as a session runs it. */
export function statement(sql: string, verb = "select") {
  return { sql: { text: new Secret(sql), cut: false }, verb, tags: {} };
}

const ANYBODY: ListenConfig = {
  address: { host: "127.0.0.1", port: 0 },
  hosts: [],
  hasTls: false,
  hasToken: false,
  hasClientCertificates: false,
};

/** Serves it as the program does. Port 0 is any that is free. */
export async function serveStage(
  stage: Stage,
  { port = 0, token }: { readonly port?: number; readonly token?: string } = {},
): Promise<{ readonly url: string; end(): Promise<void> }> {
  const address = { host: "127.0.0.1", port };
  const secret = token === undefined ? {} : { hasToken: true, token: new Secret(token) };
  const server = await HttpServer.listen({ ...ANYBODY, ...secret, address }, {
    fetch: stage.app().fetch,
    clock: systemClock,
    newId: () => crypto.randomUUID(),
  });
  return { url: `http://127.0.0.1:${server.config.address.port}/`, end: () => server.close() };
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
    stage.look(first, { lag: 63_500 + 3_000 * wave, hll: 402_000, readOnly: true });
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
  const { url } = await serveStage(stage, { port: Number(Deno.args[1] ?? 0) });
  await Deno.stdout.write(new TextEncoder().encode(`${url}\n`));
}
