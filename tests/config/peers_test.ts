import { assertEquals } from "@std/assert";
import type { LeaderConfig, PeersConfig } from "../../src/config/mod.ts";
import { IF_PRESENT, load, problemsOf } from "./folder.ts";

const ADDRESS = { address: "127.0.0.1:6032" };
const DATABASES = { databases: [{ name: "orders-primary", host: "db1" }, { name: "stock", host: "db2" }] };

function main(proxysql: object, others: object = {}): Record<string, string> {
  return { "query-sniper.yaml": JSON.stringify({ proxysql: { ...ADDRESS, ...proxysql }, ...others }) };
}

async function read(proxysql: object, others: object = {}) {
  const { proxies: [config] } = await load(main(proxysql, others), IF_PRESENT);
  return { peers: config?.peers, leader: config?.leader };
}

/** What is wrong, without the places. */
async function wrong(proxysql: object, others: object = {}): Promise<readonly string[]> {
  return (await problemsOf(main(proxysql, others))).map((problem) => problem.replace(/^\S+:\d+:\d+: /, ""));
}

Deno.test("peers are the pods that a selector finds, the addresses of a name, or a list", async () => {
  const rows: readonly (readonly [written: object, peers: PeersConfig])[] = [
    [
      { kubernetes: { namespace: "db", selector: " app=proxysql, tier in (core, x) ,!old " }, port: 16032 },
      { kind: "kubernetes", namespace: "db", selector: "app=proxysql, tier in (core, x) ,!old", port: 16032 },
    ],
    [
      { kubernetes: { selector: "example.com/app==proxysql" } },
      { kind: "kubernetes", selector: "example.com/app==proxysql", port: 6032 },
    ],
    [{ dns: "core.proxysql.svc", port: 1 }, { kind: "dns", name: "core.proxysql.svc", port: 1 }],
    [{ static: ["10.0.0.1:6032", "[::1]:6033", "core-0.core:6032"] }, {
      kind: "static",
      peers: [{ host: "10.0.0.1", port: 6032 }, { host: "::1", port: 6033 }, {
        host: "core-0.core",
        port: 6032,
      }],
    }],
  ];
  for (const [written, peers] of rows) assertEquals((await read({ peers: written })).peers, peers);
  assertEquals((await read({})).peers, undefined);
});

Deno.test("who leads is nobody, unless it is said or the cores are pods", async () => {
  const pods = { kubernetes: { namespace: "db", selector: "app=proxysql" } };
  const lease = { kind: "kubernetes", lease: "query-sniper-proxysql" } as const;
  const rows: readonly (readonly [proxysql: object, leader: LeaderConfig])[] = [
    [{}, { kind: "never" }],
    [{ peers: { dns: "core" } }, { kind: "never" }],
    [{ peers: pods }, { ...lease, namespace: "db" }],
    [{ peers: pods, leader: "never" }, { kind: "never" }],
    [{ peers: { dns: "core" }, leader: "kubernetes" }, lease],
    [{ leader: "always" }, { kind: "always" }],
    [
      { peers: pods, leader: { kubernetes: { namespace: "ops", lease: "cores" } } },
      { kind: "kubernetes", namespace: "ops", lease: "cores" },
    ],
    [
      { leader: { database: "stock" } },
      { kind: "database", database: "stock", lock: "query-sniper-proxysql" },
    ],
    [
      { leader: { database: "stock", lock: "east" } },
      { kind: "database", database: "stock", lock: "east" },
    ],
  ];
  for (const [proxysql, leader] of rows) assertEquals((await read(proxysql, DATABASES)).leader, leader);
});

Deno.test("a core that nobody tells of the others is refused, once", async () => {
  assertEquals(await wrong({ role: "core" }), [
    'proxysql.role: a core needs "peers", which tells it of the others: "core"',
  ]);
  assertEquals(await wrong({ role: "core", peers: {} }), [
    'proxysql.peers: a key is missing: "kubernetes" or "dns" or "static"',
  ]);
  assertEquals((await wrong({ role: "core", peers: "dns" })).length, 1);
  assertEquals((await read({ role: "core", peers: { static: ["c:1"] } })).peers?.kind, "static");
});

Deno.test("peers that mean two things, or nothing, are refused", async () => {
  const selector = 'a selector of labels, such as "app=proxysql,component=core"';
  const rows: readonly (readonly [peers: object, ...problems: string[]])[] = [
    [{ dns: "a", static: ["b:1"] }, 'peers.static: "dns" and "static" exclude each other'],
    [{ static: [] }, "peers.static: expected at least 1 in this list: it has 0"],
    [{ static: ["b:1", "B:1"] }, 'peers.static[1]: this core is named twice: "b:1"'],
    [{ static: ["b:1"], port: 2 }, 'peers.port: each address under "static" has its port'],
    [
      { static: ["/run/proxysql.sock"] },
      "peers.static[0]: expected a host with the port of a core's admin interface, such as 10.0.0.1:6032: " +
      '"/run/proxysql.sock"',
    ],
    [{ dns: "10.0.0.1" }, 'peers.dns: an address has no name to look up, write "static": "10.0.0.1"'],
    [{ dns: "core:6032" }, 'peers.dns: expected a name in DNS, its port under "port": "core:6032"'],
    [{ kubernetes: {} }, 'peers.kubernetes: a key is missing: "selector"'],
    [{ kubernetes: { selector: "" } }, `peers.kubernetes.selector: expected ${selector}: ""`],
    [{ kubernetes: { selector: "a=b,," } }, `peers.kubernetes.selector: expected ${selector}: "a=b,,"`],
    [
      { kubernetes: { selector: "a=b&watch=1" } },
      `peers.kubernetes.selector: expected ${selector}: "a=b&watch=1"`,
    ],
    [
      { kubernetes: { selector: "a=b", namespace: "../x" } },
      'peers.kubernetes.namespace: a namespace has lower case letters, digits and hyphens: "../x"',
    ],
    [{ dsn: "core" }, 'peers.dsn: unknown key: "dsn" (did you mean "dns"?)'],
  ];
  for (const [peers, ...problems] of rows) {
    assertEquals(await wrong({ peers }), problems.map((problem) => `proxysql.${problem}`));
  }
});

Deno.test("a leader by a database that is none, or by two things, is refused", async () => {
  const rows: readonly (readonly [leader: unknown, ...problems: string[]])[] = [
    [
      { database: "order-primary" },
      'leader.database: no database has this name: "order-primary" (did you mean "orders-primary"?)',
    ],
    [
      { database: "stock", kubernetes: {} },
      'leader.database: "kubernetes" and "database" exclude each other',
    ],
    [{ lock: "x", kubernetes: {} }, 'leader.lock: "kubernetes" and "lock" exclude each other'],
    [{ lock: "x" }, 'leader: a key is missing: "kubernetes" or "database"'],
    [
      { database: "stock", lock: "Query-Sniper" },
      'leader.lock: who may kill on a database holds this lock: "Query-Sniper"',
    ],
    [
      { database: "stock", lock: "a'b" },
      "leader.lock: the name of a lock has letters, digits, dots, hyphens and underscores, 64 at most: " +
      '"a\'b"',
    ],
    [
      { kubernetes: { lease: "a/b" } },
      'leader.kubernetes.lease: the name of a Lease has lower case letters, digits, dots and hyphens: "a/b"',
    ],
    ["database", 'leader: write which one, as { database: NAME }: "database"'],
    [
      "allways",
      'leader: expected one of "kubernetes", "always", "never": "allways" (did you mean "always"?)',
    ],
  ];
  for (const [leader, ...problems] of rows) {
    assertEquals(await wrong({ leader }, DATABASES), problems.map((problem) => `proxysql.${problem}`));
  }
});
