import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { isUnknown } from "../../../src/language/mod.ts";
import { isSameStatement } from "../../../src/mysql/proxied/agreement.ts";
import { Join, type ProxiedValues } from "../../../src/mysql/proxied/join.ts";
import type { Session } from "../../../src/policy/mod.ts";
import type { ProxyConnection } from "../../../src/target/mod.ts";
import { Secret } from "../../../src/text/secret.ts";
import { session } from "../../policy/fixture.ts";
import { client, connection, FakeProxy, proxiedBy } from "./fixture.ts";

/** When the sessions were read, by the clock's `now`. */
const SEEN = 100_000;

interface Asked {
  readonly session?: Parameters<typeof session>[0];
  readonly connections?: readonly ProxyConnection[];
  /** When the proxy was asked. */
  readonly at?: number;
  readonly tellsAll?: boolean;
  readonly ports?: ReadonlyMap<number, number>;
  readonly proxy?: FakeProxy;
}

/** A session of `app` that has run `SELECT 1` for 5 s, as the server shows it. */
function shown(given: Parameters<typeof session>[0] = {}): Session {
  return session({ id: 7, user: "app", host: "10.0.0.5", db: "", sql: "SELECT 1", time: 5000, ...given });
}

/** What is known of it. */
function valuesOf(
  { session: given, connections = [connection()], at = SEEN, ports = new Map(), ...rest }: Asked = {},
): ProxiedValues {
  const { proxy = new FakeProxy(() => at), tellsAll = connections.every(({ id }) => id !== undefined) } =
    rest;
  const clients = new Map(
    connections.flatMap(({ client }) => client === undefined ? [] : [[client.session, client] as const]),
  );
  const join = new Join([{ proxy, at, epoch: 1, connections, clients, tellsAll }], {
    seen: SEEN,
    isServer: ({ host, port }) => host === "127.0.0.1" && port === 3306,
    areSame: (a, b) => a === b,
    ports,
    hostsOf: () => ["10.0.0.5"],
    isSeen: () => false,
  });
  return join.valuesOf(shown(given));
}

function reasonOf({ proxy }: ProxiedValues): string | undefined {
  return isUnknown(proxy) ? proxy.unknown : undefined;
}

Deno.test("a session whose connection, user, schema and statement agree is that of the proxy's client", () => {
  assertEquals(valuesOf(), {
    client_user: "app",
    client_host: "10.1.1.1",
    client_port: 4000,
    proxy: "edge",
    proxy_session: 17,
    hostgroup: 10,
    pooled: false,
    ends_by: "proxy",
  });
  // Literals make no difference.
  const literal = valuesOf({
    session: { sql: "SELECT a FROM t WHERE id = 5" },
    connections: [connection({ client: client({ statement: "select a from t where id = 6" }) })],
  });
  assertEquals(literal.proxy_session, 17);
});

Deno.test("a session that does not agree in everything is nobody's that is known", () => {
  const rows: readonly (readonly [Asked, string])[] = [
    [{ session: { user: "other" } }, "the proxy shows another user there"],
    [{ session: { user: { unknown: "a definer's" } } }, "the proxy shows another user there"],
    [{ connections: [connection({ user: "other" })] }, "the proxy shows another user there"],
    [{ session: { db: "shop" } }, "the proxy shows another schema there"],
    [{ session: { sql: "SELECT 2 FROM t" } }, "the proxy shows another statement there"],
    [
      { connections: [connection({ client: client({ statement: "" }) })] },
      "the proxy shows another statement there",
    ],
    [{ session: { time: { unknown: "absurd" } } }, "the server does not tell since when it does that"],
    [{ at: SEEN - 5001 }, "it has begun since the proxy was asked"],
    [{ session: { running: false, idle_time: 5000 } }, "the proxy shows that its client runs one"],
    [
      { connections: [connection({ client: client({ running: false }) })] },
      "the proxy shows no statement there",
    ],
    [
      { connections: [connection(), connection({ client: client({ session: 18 }) })] },
      "more than one proxy, or more than one client, shows this connection",
    ],
    [
      { connections: [connection(), connection({ client: undefined })] },
      "more than one proxy, or more than one client, shows this connection",
    ],
    [
      { connections: [connection({ server: { host: "127.0.0.1", port: 3307 } })] },
      "it comes from a proxy, which does not show whose it is",
    ],
    [
      { connections: [connection({ server: { host: "10.0.0.1", port: 3306 } })] },
      "it comes from a proxy, which does not show whose it is",
    ],
    [{ connections: [connection({ id: 8 })] }, "it comes from a proxy, which does not show whose it is"],
  ];
  for (const [asked, reason] of rows) {
    const values = valuesOf(asked);
    assertEquals(reasonOf(values), reason);
    assertEquals([isUnknown(values.client_host), isUnknown(values.ends_by)], [true, true], reason);
  }
});

Deno.test("what ran before the proxy was asked is its client's, however long ago that was", () => {
  assertEquals(valuesOf({ at: SEEN - 5000 }).proxy_session, 17);
  assertEquals(valuesOf({ at: SEEN + 900 }).proxy_session, 17);
});

Deno.test("without the server's ids, connections are told by their ports, from the proxy's host alone", () => {
  const connections = [connection({ id: undefined })];
  const ports = new Map([[7, 50_000]]);
  assertEquals(valuesOf({ connections, ports }).proxy_session, 17);
  // Who comes from elsewhere may come from the proxy all the same, by a translated address.
  const elsewhere = valuesOf({ connections, ports, session: { host: "10.0.0.6" } });
  assertEquals(
    [reasonOf(elsewhere), isUnknown(elsewhere.ends_by)],
    ["it is not known yet how the server shows the hosts of its proxies", true],
  );
  const other = "it comes from a proxy, which does not show whose it is";
  assertEquals(reasonOf(valuesOf({ connections, ports: new Map([[7, 50_001]]) })), other);
  const none = valuesOf({ connections, ports: new Map(), session: { running: false, idle_time: 5000 } });
  assertEquals([reasonOf(none), isUnknown(none.pooled)], [other, true]);
});

const DIRECT = "no proxy that is known of shows it";

Deno.test("a connection that nobody has is pooled, and nobody may end it", () => {
  const idle = { running: false, idle_time: 60_000 };
  const free = valuesOf({ session: idle, connections: [connection({ client: undefined })] });
  const none = valuesOf({ session: idle, connections: [] });
  for (const { pooled, ends_by } of [free, none]) assertEquals([pooled, isUnknown(ends_by)], [true, true]);
  // In a transaction it has an owner.
  const owned = valuesOf({
    session: idle,
    connections: [connection({ client: client({ running: false, statement: "" }) })],
  });
  assertEquals([owned.pooled, owned.proxy_session, owned.ends_by], [false, 17, "proxy"]);
  const running = valuesOf({ connections: [] });
  assertEquals([isUnknown(running.pooled), isUnknown(running.ends_by)], [true, true]);
});

Deno.test("a client that comes directly is the server's to end", () => {
  const host = "10.0.0.77";
  const connections = [connection({ id: 8 })];
  const direct = valuesOf({ session: { host }, connections });
  assertEquals([reasonOf(direct), direct.pooled, direct.ends_by], [DIRECT, false, "server"]);
  const doubtful: readonly Asked[] = [
    // It may have come since the proxy was asked.
    { session: { host }, connections, at: SEEN - 5001 },
    { session: { host, time: { unknown: "absurd" } }, connections },
    { session: { host, program: "proxysql" }, connections },
    { session: { host: { unknown: "a definer's" } }, connections },
    // What the proxy shows does not cover this server, as far as it is recognized.
    { session: { host }, connections: [] },
    { session: { host }, connections: [connection({ id: 8, server: { host: "db", port: 3306 } })] },
    { session: { host }, connections: [connection({ id: undefined })], tellsAll: true },
    { session: { host }, connections, tellsAll: false },
  ];
  for (const asked of doubtful) {
    assertEquals(isUnknown(valuesOf(asked).ends_by), true, JSON.stringify(asked));
  }
});

Deno.test("without an administrator nobody can end the session, and its names are known", () => {
  const proxy = new FakeProxy(() => SEEN);
  proxy.cannotEnd = "there is none";
  const { client_host, ends_by } = valuesOf({ proxy });
  assertEquals<unknown>([client_host, ends_by], ["10.1.1.1", { unknown: "there is none" }]);
});

/** What a server and a proxy may show, mostly of each other. */
const TEXTS = ["SELECT 1", "SELECT 2", "SELECT a FROM t", "UPDATE t SET a = 1", ""];
const side = fc.record({
  user: fc.constantFrom("app", "app", "app", "other"),
  schema: fc.constantFrom("", "", "", "shop"),
  statement: fc.constantFrom(...TEXTS),
  running: fc.boolean(),
  id: fc.constantFrom(7, 7, 7, 8, undefined),
  port: fc.constantFrom(50_000, 50_000, 50_001),
  server: fc.constantFrom(3306, 3306, 3306, 3307),
  host: fc.constantFrom("10.0.0.5", "10.0.0.5", "10.0.0.6"),
});

Deno.test("a session is never joined with one that differs in anything", () => {
  let joined = 0;
  fc.assert(
    fc.property(
      side,
      fc.array(side, { maxLength: 3 }),
      fc.integer({ min: 0, max: 10_000 }),
      fc.integer({ min: -10_000, max: 2000 }),
      (server, proxies, age, at) => {
        const running = server.running && server.statement !== "";
        const connections = proxies.map((each, index) =>
          connection({
            server: { host: "127.0.0.1", port: each.server },
            id: each.id,
            local: { host: each.host, port: each.port },
            client: client({
              ...{ session: index, user: each.user, schema: each.schema, running: each.running },
              statement: each.running ? each.statement : "",
            }),
          })
        );
        const values = valuesOf({
          session: {
            ...{ user: server.user, db: server.schema, host: server.host, running },
            ...running ? { sql: server.statement, time: age } : { idle_time: age },
          },
          connections,
          at: SEEN + at,
          ports: new Map([[7, server.port]]),
        });
        if (typeof values.proxy_session !== "number") {
          assertEquals([values.client_user, values.client_host].every(isUnknown), true);
          assertEquals(values.ends_by === "proxy", false);
          return;
        }
        joined++;
        const found = proxies[values.proxy_session]!;
        assertEquals([found.user, found.schema, found.server], [server.user, server.schema, 3306]);
        assertEquals(found.id === 7 || (found.id === undefined && found.port === server.port), true);
        if (found.id === undefined) assertEquals(found.host, server.host);
        assertEquals(found.running, running);
        if (running) {
          assertEquals(isSameStatement(new Secret(found.statement), new Secret(server.statement)), true);
        }
        assertEquals(SEEN - age <= SEEN + at, true);
        // Nobody else may be meant.
        const others = proxies.filter((each) =>
          each !== found && each.server === 3306 &&
          (each.id === 7 || (each.id === undefined && each.port === server.port && each.host === server.host))
        );
        assertEquals(others, []);
      },
    ),
    { seed: 20261127, numRuns: 20_000 },
  );
  assertEquals(joined > 100, true, `${joined}`);
});

/** Reads a session that the server shows, with the proxy as it is then. */
function readerOf(proxy: FakeProxy) {
  const proxied = proxiedBy([proxy], () => SEEN);
  return async (given: Parameters<typeof session>[0] = {}) => {
    const [found] = await proxied.resolve(undefined as never, [shown(given)], new Set([7]));
    return found!;
  };
}

Deno.test("a proxy that is silent leaves all sessions unknown, also those of other hosts", async () => {
  const proxy = new FakeProxy(() => SEEN);
  const read = readerOf(proxy);
  const silent = { unknown: 'the proxy "edge" is silent: it hangs' };
  const { connections } = proxy;
  proxy.connections = undefined;
  assertEquals<unknown>((await read({ host: "10.0.0.77" })).ends_by, silent);
  proxy.connections = connections;
  assertEquals((await read()).client_host, "10.1.1.1");
  proxy.connections = undefined;
  assertEquals<unknown>((await read()).client_host, silent);
  assertEquals<unknown>((await read({ host: "10.0.0.77" })).ends_by, silent);
  assertEquals<unknown>((await read({ host: "10.0.0.9" })).ends_by, silent);
});

for (const how of ["was silent", "was started anew"]) {
  Deno.test(`after a proxy ${how} it is known only once the server shows where it connects from now`, async () => {
    let at = SEEN;
    const proxy = new FakeProxy(() => at);
    const read = readerOf(proxy);
    await read();
    const other = [connection({ id: 8, local: undefined })];
    proxy.connections = other;
    at = SEEN - 5001;
    // Younger than what the proxy tells, and from no host of it.
    const young = { host: "10.0.0.77" };
    assertEquals((await read(young)).ends_by, "server");
    if (how === "was silent") {
      proxy.connections = undefined;
      await read(young);
    } else proxy.epoch++;
    proxy.connections = other;
    assertEquals<unknown>((await read(young)).ends_by, {
      unknown: "it is not known yet how the server shows the hosts of its proxies",
    });
    // It connects from there now.
    proxy.connections = [connection({ local: undefined })];
    await read(young);
    proxy.connections = other;
    assertEquals<unknown>((await read(young)).ends_by, {
      unknown: "it comes from a proxy, which does not show whose it is",
    });
    assertEquals((await read({ host: "10.0.0.78" })).ends_by, "server");
  });
}

Deno.test("of two proxies each knows its own, and one that both know is nobody's", async () => {
  const [edge, core] = [
    new FakeProxy(() => SEEN),
    new FakeProxy(() => SEEN, {
      name: "core",
      connections: [connection({ id: 8, client: client({ host: "c" }) })],
    }),
  ];
  const read = async () => {
    const proxied = proxiedBy([edge, core], () => SEEN);
    const sessions = [shown(), shown({ id: 8, execution: "b" })];
    return (await proxied.resolve(undefined as never, sessions, new Set([7, 8]))).map((
      { proxy, client_host },
    ) => [proxy, client_host]);
  };
  assertEquals(await read(), [["edge", "10.1.1.1"], ["core", "c"]]);
  core.connections = [connection({ client: client({ host: "c" }) })];
  assertEquals((await read()).map(([proxy]) => isUnknown(proxy)), [true, true]);
  core.connections = undefined;
  assertEquals(await read().then(([first]) => first), ["edge", "10.1.1.1"]);
});

Deno.test("whether a place is the server is asked once for each connection, however many sessions there are", () => {
  let asked = 0;
  const connections = [connection(), connection({ id: 8 })];
  const proxy = new FakeProxy(() => SEEN);
  const join = new Join([{ proxy, at: SEEN, epoch: 1, connections, clients: new Map(), tellsAll: true }], {
    ...{ seen: SEEN, areSame: (a, b) => a === b, ports: new Map(), hostsOf: () => [], isSeen: () => false },
    isServer: () => ++asked > 0,
  });
  const values = Array.from({ length: 50 }, (_, at) => join.valuesOf(shown({ id: 100 + at })));
  assertEquals([asked, values.filter(({ pooled }) => pooled === false).length], [2, 50]);
});
