import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import type { Clock } from "../../../src/clock.ts";
import { DatabaseError, type Row } from "../../../src/connection/mod.ts";
import { type ProxyConnection, ProxyRefusal, TargetError } from "../../../src/target/mod.ts";
import type { Decision } from "../../../src/policy/mod.ts";
import { client, connection, FakeProxy, proxiedBy, SilentError } from "../proxied/fixture.ts";
import { carriedOut, decisionOn, GONE, LOST, RESTS, ROW, type Script } from "./stand_in.ts";

/** What its proxy told of the session. */
const TOLD = {
  host: "10.0.0.5",
  db: "",
  client_user: "app",
  client_host: "10.1.1.1",
  client_port: 4000,
  proxy: "edge",
  proxy_session: 17,
  hostgroup: 10,
  pooled: false,
  ends_by: "proxy",
} as const;

const CONNECTION = { then: "kill connection", told: TOLD } as const;

/** Carries out decisions on a server with a proxy in front, which is changed first. */
async function behind(
  change: (proxy: FakeProxy, clock: Clock) => void,
  script: Partial<Script> & { readonly decision?: Decision } = {},
) {
  let proxy: FakeProxy | undefined;
  const { decision = decisionOn(CONNECTION), ...rest } = script;
  const done = await carriedOut({
    decisions: [decision],
    lists: [[ROW], [ROW], [ROW], GONE],
    journal: "works",
    ...rest,
    proxied: (clock) => {
      proxy = new FakeProxy(clock.now);
      change(proxy, clock);
      return proxiedBy([proxy], clock.now);
    },
  });
  return { ...done, asked: proxy!.asked, compared: done.asked.last };
}

Deno.test("a connection behind a proxy is ended by the proxy, after a look at both sides and the intent", async () => {
  const { told, kills, asked, written } = await behind(() => {});
  assertEquals(told, ['killed 7: by the proxy "edge", its session 17']);
  assertEquals([kills, asked], [[], ["session 17", "session 17", "end 17", "session 17"]]);
  assertEquals(written.map(([what]) => what), ["intent", "outcome"]);
});

Deno.test("what changed at the proxy since it was decided is spared", async () => {
  const others = [
    connection({ client: client({ host: "10.1.1.2" }) }),
    connection({ client: client({ port: 4001 }) }),
    connection({ client: client({ statement: "SELECT b FROM u" }) }),
    connection({ client: client({ schema: "other" }) }),
    connection({ client: client({ user: "other" }) }),
    connection({ client: client({ running: false }) }),
    connection({ id: 8 }),
    connection({ server: { host: "127.0.0.1", port: 3307 } }),
  ];
  for (const other of others) {
    const { told, asked, written } = await behind((proxy) => proxy.connections = [other]);
    assertEquals(told.map((text) => text.split(":")[0]), ["changed 7"], JSON.stringify(other));
    assertEquals([asked, written], [["session 17"], []]);
  }
  // It may change while the intent is written, too.
  let looks = 0;
  const { told, asked, written } = await behind((proxy) => {
    proxy.beforeSession = () => {
      if (++looks === 2) proxy.connections = [others[0]!];
    };
  });
  assertEquals(told, ["changed 7: the proxy shows another client there"]);
  assertEquals([asked, written.map(([what]) => what)], [["session 17", "session 17"], ["intent", "outcome"]]);
});

Deno.test("what changed at the server meanwhile is spared, and the proxy is not asked to end it", async () => {
  const lists = [[ROW], [{ ...ROW, query_id: 10 }]];
  const { told, asked } = await behind(() => {}, { lists });
  assertEquals([told, asked], [["changed 7"], ["session 17"]]);
  assertEquals((await behind(() => {}, { lists: [[ROW], GONE] })).told, ["gone 7"]);
});

Deno.test("where no proxy can end it, nobody does", async () => {
  const silent = await behind((proxy) => proxy.connections = undefined);
  assertEquals([silent.told, silent.kills, silent.written], [["proxied 7: it hangs"], [], []]);
  for (const ends_by of [undefined, { unknown: "the proxy is silent" }]) {
    const decision = decisionOn({ ...CONNECTION, told: ends_by === undefined ? {} : { ...TOLD, ends_by } });
    const { told, kills, asked } = await behind(() => {}, { decision });
    assertEquals([told.length, told[0]!.startsWith("proxied 7: "), kills, asked], [1, true, [], []]);
  }
});

Deno.test("a client that comes directly is ended by the server, as without a proxy", async () => {
  const decision = decisionOn({ ...CONNECTION, told: { ends_by: "server" } });
  const { told, kills, asked } = await behind(() => {}, { decision, lists: [[ROW], GONE] });
  assertEquals([told, kills.length, asked], [["killed 7"], 1, []]);
});

Deno.test("what a proxy answers to the kill is told", async () => {
  const rows: readonly (readonly [() => boolean, string])[] = [
    [() => false, "gone 7: "],
    [() => {
      throw new ProxyRefusal("read-only");
    }, "denied 7: "],
    [() => {
      throw new TargetError("it does not answer in time");
    }, "unconfirmed 7: "],
  ];
  for (const [onEnd, outcome] of rows) {
    const { told, written } = await behind((proxy) => proxy.onEnd = onEnd);
    assertStringIncludes(told.join(), outcome);
    assertEquals(written.length, 2);
  }
});

Deno.test("it is killed once the server and the proxy show that it is gone", async () => {
  // The proxy shows it for a while.
  const late = await behind((proxy, clock) => {
    proxy.onEnd = () => {
      const until = clock.now() + 500;
      proxy.beforeSession = () => {
        if (clock.now() >= until) proxy.connections = [];
      };
      return true;
    };
  }, { lists: [[ROW], [ROW], GONE] });
  assertEquals(late.told, ['killed 7: by the proxy "edge", its session 17']);
  assertEquals(late.outcomes[0]!.took_ms >= 500, true);
  const never = await behind((proxy) => proxy.onEnd = () => true, { lists: [[ROW], [ROW], GONE] });
  assertEquals(never.told, ['survived 7: by the proxy "edge", its session 17']);
  const silent = await behind((proxy) => {
    proxy.onEnd = () => {
      proxy.connections = undefined;
      return true;
    };
  }, { lists: [[ROW], [ROW], GONE] });
  assertStringIncludes(silent.told.join(), "killed 7: ");
  assertStringIncludes(silent.told.join(), "which does not tell whether it is gone: it hangs");
});

Deno.test("a lost connection to the server, a pause and a journal that fails stop it before the kill", async () => {
  const lost = await behind(() => {}, { lists: [[ROW], LOST] });
  assertEquals([lost.told, lost.asked], [[`stale 7: not tried: ${LOST.message}`], ["session 17"]]);
  const paused = await behind(() => {}, { paused: () => "maintenance" });
  assertEquals([paused.told, paused.asked], [["paused 7: maintenance"], []]);
  const unwritten = await behind(() => {}, { journal: "fails" });
  assertEquals([unwritten.told, unwritten.asked], [["journal 7"], ["session 17"]]);
});

Deno.test("right before a proxy ends it the server, the lease, the execution, pauses and the age are looked at", async () => {
  const fine = await behind(() => {}, { lease: 4711 });
  assertEquals([fine.told.length, fine.asked.at(-2), fine.compared.length], [1, "end 17", 1]);
  for (const part of ["@@server_uid", "IS_USED_LOCK('query-sniper') = 4711", "ID = 7", "QUERY_ID = 9"]) {
    assertStringIncludes(fine.compared[0]!, part);
  }
  let looks = 0;
  const isSecond = () => ++looks % 2 === 0;
  const slowly = (ms: number) => (proxy: FakeProxy, clock: Clock) => {
    looks = 0;
    proxy.beforeSession = async () => {
      if (isSecond()) await clock.sleep(ms);
    };
  };
  const none = () => {};
  const rows: readonly (readonly [Parameters<typeof behind>[0], Partial<Script>, string])[] = [
    [none, { last: { same_server: 0 } }, "stale 7: not tried: what answers is another server"],
    [none, { last: { has_lease: null } }, "stale 7: not tried: the lease is not held any more"],
    [none, { last: { same_execution: 0 } }, "stale 7: not tried: the server does not show it any more"],
    [none, { last: new DatabaseError("statement", "no") }, "stale 7: not tried: no"],
    [none, { last: LOST }, `stale 7: not tried: ${LOST.message}`],
    [none, { onLast: (end) => end.abort() }, "stale 7: not tried: this program ends"],
    [none, { onLast: (_, clock) => void (clock.ms += 1001) }, "stale 7"],
    [slowly(1001), {}, "stale 7"],
  ];
  for (const [change, script, outcome] of rows) {
    const { told, asked, written } = await behind(change, script);
    assertEquals([told, asked], [[outcome], ["session 17", "session 17"]]);
    assertEquals(written.map(([what]) => what), ["intent", "outcome"], outcome);
  }
  let isPaused = false;
  const paused = await behind(() => {}, {
    onLast: () => void (isPaused = true),
    paused: () => isPaused ? "maintenance" : undefined,
  });
  assertEquals([paused.told, paused.asked.length, paused.written.length], [["paused 7: maintenance"], 2, 2]);
  assertEquals((await behind(slowly(999), {})).told, ['killed 7: by the proxy "edge", its session 17']);
});

Deno.test("a decision that a proxy could not confirm in time is not carried out", async () => {
  const first = (ms: number) => (proxy: FakeProxy, clock: Clock) => {
    proxy.beforeSession = async () => {
      proxy.beforeSession = () => {};
      await clock.sleep(ms);
    };
  };
  const { told, asked, written } = await behind(first(2001));
  assertEquals([told, asked, written], [["stale 7"], ["session 17"], []]);
  assertEquals((await behind(first(1999))).asked.includes("end 17"), true);
});

Deno.test("others do not wait for a proxy that takes its time", async () => {
  const decisions = [decisionOn(CONNECTION), decisionOn({ id: 8, execution: "10" })];
  const other = { ...ROW, id: 8, query_id: 10 };
  const { told } = await behind((proxy, clock) => {
    proxy.beforeSession = async () => {
      await clock.sleep(3000);
      throw new SilentError();
    };
  }, { decisions, lists: [[ROW, other], [ROW]] });
  assertEquals(told, ["proxied 7: it hangs", "killed 8"]);
});

/** What a proxy may show at one moment; the first one is what was decided on. */
const SHOWN: readonly (readonly ProxyConnection[] | undefined)[] = [
  [connection()],
  [],
  undefined,
  [connection({ client: client({ host: "10.1.1.2" }) })],
  [connection({ client: client({ statement: "SELECT b FROM u" }) })],
  [connection({ id: 8 })],
  [connection({ client: client({ running: false }) })],
  [connection(), connection({ client: client({ host: "10.1.1.2" }) })],
];
const OTHER_SERVER_ROWS: readonly (readonly Row[])[] = [[ROW], [ROW], [ROW], [RESTS], [{
  ...ROW,
  query_id: 10,
}], GONE];

Deno.test("whatever changes at any moment, only who was decided on is ended, and its intent is written before", async () => {
  let ended = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(0, 0, 0, ...SHOWN.keys()), { minLength: 4, maxLength: 4 }),
      fc.array(fc.constantFrom(...OTHER_SERVER_ROWS.keys()), { minLength: 3, maxLength: 3 }),
      fc.constantFrom("works" as const, "works" as const, "fails" as const),
      async (shown, lists, journal) => {
        let asked = 0;
        let last: number | undefined;
        let killed: number | undefined | "none" = "none";
        const { told, written, kills } = await behind((proxy) => {
          proxy.beforeSession = () => {
            last = shown[asked++] ?? 1;
            proxy.connections = SHOWN[last];
          };
          proxy.onEnd = () => {
            killed = last;
            return true;
          };
        }, { lists: [...lists.map((index) => OTHER_SERVER_ROWS[index]!), GONE], journal });
        assertEquals([told.length, kills], [1, []]);
        if (killed === "none") return;
        ended++;
        // What it showed just before was what was decided on, and the server had shown that too, twice.
        assertEquals([killed, shown[0], lists[0]! < 3, lists[1]! < 3], [0, 0, true, true]);
        assertEquals(written.map(([what]) => what), ["intent", "outcome"]);
      },
    ),
    { seed: 20261127, numRuns: 2000 },
  );
  assertEquals(ended > 50, true, `${ended}`);
});

const QUERY = decisionOn({ told: TOLD });

Deno.test("a statement that its proxy, or its client, runs again is retried", async () => {
  const lists = [[ROW], [RESTS]];
  const after = async (change: (proxy: FakeProxy, clock: Clock) => void) => {
    const { told, outcomes, written } = await behind(change, { decision: QUERY, lists });
    assertEquals(written.length, 2);
    return [told, outcomes[0]!.took_ms < 300] as const;
  };
  assertEquals(await after((proxy) => proxy.connections = [connection({ id: 9 })]), [
    ["retried 7: its proxy ran it again"],
    true,
  ]);
  const fresh = connection({ id: 9, client: client({ time: 10 }) });
  assertEquals(await after((proxy) => proxy.connections = [fresh]), [
    ["retried 7: its client sent it again"],
    true,
  ]);
  const others = [
    [],
    [connection({ client: client({ running: false }) })],
    [connection({ client: client({ statement: "SELECT b FROM u" }) })],
    [connection({ client: client({ session: 18 }) })],
  ];
  for (const connections of others) {
    assertEquals(await after((proxy) => proxy.connections = connections), [["killed 7"], true]);
  }
  // It waits for a connection to a server.
  assertEquals(
    await after((proxy) => {
      proxy.connections = [];
      proxy.others = [client()];
    }),
    [["retried 7: its proxy ran it again"], true],
  );
});

Deno.test("where the proxy does not tell, a kill is told as killed when its time is over, and not before", async () => {
  const silent = await behind((proxy) => proxy.connections = undefined, {
    decision: QUERY,
    lists: [[ROW], [RESTS]],
  });
  assertEquals([silent.told, silent.took >= 5000, silent.outcomes[0]!.took_ms < 300], [
    ["killed 7"],
    true,
    true,
  ]);
  const ending = await behind(() => {}, { decision: QUERY, lists: [[ROW], [RESTS]], endsAtKill: 1 });
  assertEquals([ending.told, ending.took < 300], [["killed 7"], true]);
  const lost = await behind((proxy) => proxy.connections = undefined, {
    decisions: [QUERY, decisionOn({ id: 8, execution: "10" })],
    lists: [[ROW, { ...ROW, id: 8, query_id: 10 }], [RESTS, { ...ROW, id: 8, query_id: 10 }], LOST],
  });
  assertEquals(lost.told.map((text) => text.split(":")[0]), ["killed 7", "unconfirmed 8"]);
});
