import { assertEquals } from "@std/assert";
import { describeProxysql, proxysqlReport } from "../../src/config/mod.ts";
import { databaseReport } from "../../src/config/report.ts";
import { sample } from "../pages.ts";
import { IF_PRESENT, load, problemsOf, required } from "./folder.ts";

const CREDENTIALS = "proxysql: { user: radmin, password: hunter2 }\n" +
  "proxysql-stats: { user: stats, password_env: STATS_PASSWORD }\n";

const ALL = {
  name: "proxysql",
  address: "[::1]:16032",
  ssl_mode: "disabled",
  role: "satellite",
  peers: { kubernetes: { namespace: "proxysql", selector: "app=proxysql,component=core" }, port: 6032 },
  leader: { kubernetes: { namespace: "proxysql", lease: "cores" } },
  timeout: "500ms",
  interval: "5s",
  missing_after: "20s",
  stamp: { at: "start", prune: true },
  digests: {
    folder: "/var/dumps",
    format: "parquet",
    mode: "delta",
    keep: "30d",
    max_size: "2GiB",
    text: "off",
    comments: "off",
    purge: { memory: "1GiB" },
  },
  drain: {
    file: "/run/draining",
    delay: "5s",
    timeout: "1m",
    close_idle: "2s",
    shutdown: true,
    http_get: true,
  },
  http: { listen: "127.0.0.1:8080", hosts: ["proxy.example"], ready: { backends: "all" } },
};

Deno.test("a ProxySQL needs no databases, and has defaults that change nothing on it", async () => {
  const { databases, proxies: [proxysql] } = await load(
    { "query-sniper.yaml": "proxysql: { address: 127.0.0.1:6032 }\n", "credentials.yaml": CREDENTIALS },
    {
      ...required({ STATS_PASSWORD: "hunter3" }),
      environment: (name) => ({ STATS_PASSWORD: "hunter3", STATE_DIRECTORY: "/var/lib/query-sniper" })[name],
    },
  );
  assertEquals(databases, []);
  assertEquals(proxysql?.address, { host: "127.0.0.1", port: 6032 });
  assertEquals([proxysql?.admin?.user, proxysql?.stats?.user], ["radmin", "stats"]);
  assertEquals(proxysql?.stats?.password.reveal(), "hunter3");
  assertEquals([proxysql?.interval, proxysql?.missingAfter], [10_000, 30_000]);
  assertEquals(proxysql?.stamp, { at: "never", prune: false });
  assertEquals(proxysql?.digests, {
    format: "jsonl",
    mode: "delta",
    keep: 7 * 86_400_000,
    maxSize: 2 ** 30,
    text: "digest",
    comments: "tags",
    state: "/var/lib/query-sniper/proxysql.sqlite",
  });
  assertEquals(proxysql?.drain, {
    file: "/var/lib/query-sniper/draining",
    delay: 0,
    timeout: 30_000,
    closeIdle: 1000,
    shutdown: false,
  });
});

Deno.test("what was read of a ProxySQL is reported as it was written, without passwords", async () => {
  const { proxies: [proxysql] } = await load({
    "query-sniper.yaml": JSON.stringify({ proxysql: ALL }),
    "credentials.yaml": CREDENTIALS.split("\n")[0]!,
  }, required());
  const report = proxysqlReport(proxysql!);
  assertEquals<unknown>(report, { ...ALL, user: "radmin" });
  assertEquals(describeProxysql(report), [
    "proxysql ([::1]:16032): role satellite, timeout 500ms, ssl_mode disabled, as radmin with password ***",
    "  interval 5s, missing_after 20s, stamp: at start, prune true",
    "  peers: kubernetes namespace proxysql, selector app=proxysql,component=core, port 6032",
    "  leader: kubernetes namespace proxysql, lease cores",
    "  digests: folder /var/dumps, format parquet, mode delta, keep 30d, max_size 2GiB, text off, comments off, purge memory 1GiB",
    "  drain: file /run/draining, delay 5s, timeout 1m, close_idle 2s, shutdown true, http_get true",
    "  ready: backends all",
    "  http: listen 127.0.0.1:8080, hosts proxy.example",
  ]);
});

Deno.test("a stamp is a word, or a mapping in which what is left out is off", async () => {
  for (
    const [stamp, expected] of [
      ["start", { at: "start", prune: false }],
      ["never", { at: "never", prune: false }],
      [{ prune: "true" }, { at: "never", prune: true }],
      [{ at: "start" }, { at: "start", prune: false }],
    ] as const
  ) {
    const main = JSON.stringify({ proxysql: { address: "127.0.0.1:6032", stamp } });
    const { proxies: [proxysql] } = await load({ "query-sniper.yaml": main }, IF_PRESENT);
    assertEquals(proxysql?.stamp, expected);
  }
});

Deno.test("a socket is an address too, and the accounts of databases are not ProxySQL's", async () => {
  const main = "proxysql: { address: /run/proxysql.sock }\n";
  const { proxies: [proxysql] } = await load({ "query-sniper.yaml": main }, IF_PRESENT);
  assertEquals(proxysql?.address, { socket: "/run/proxysql.sock" });
  const lacking = {
    "query-sniper.yaml": main,
    "credentials.yaml": "default: { user: a, password: hunter2 }\n",
  };
  assertEquals(await problemsOf(lacking, required()), [
    'credentials.yaml:1:1: no credentials for ProxySQL: "proxysql", or "proxysql-stats" for reading only',
  ]);
});

Deno.test("an address is a host and a port, and nothing that could be taken for more", async () => {
  const wrong = [
    "127.0.0.1:0",
    "db1:65536",
    "a b:6032",
    "user@db1:6032",
    "db1:6032/x",
    "::1:6032",
    "run/sock",
  ];
  for (const address of wrong) {
    const main = JSON.stringify({ proxysql: { address } });
    const [problem] = await problemsOf({ "query-sniper.yaml": main });
    assertEquals(
      problem?.includes(`or a socket: ${JSON.stringify(address)}`),
      true,
      `${address}: ${problem}`,
    );
  }
});

Deno.test("beyond this host the agent serves all but health by token only, and dumps on schedule need a place", async () => {
  const of = (http: string, more = "") => ({
    "query-sniper.yaml": `proxysql: { address: 127.0.0.1:6032, http: { ${http} }${more} }\n`,
    "credentials.yaml": CREDENTIALS,
    "token": "0123456789abcdef",
    "short": "0123",
    "open": { text: "0123456789abcdef", mode: 0o644 },
  });
  const options = required({ STATS_PASSWORD: "hunter3" });
  const problems: readonly (readonly [problem: string, http: string, more?: string])[] = [
    [
      "query-sniper.yaml:1:54: proxysql.http.listen: beyond this host, all but GET /healthz needs a token: " +
      '"token_file" is missing: "0.0.0.0:8080"',
      "listen: 0.0.0.0:8080",
    ],
    [
      'query-sniper.yaml:1:58: proxysql.http.token_file: nothing is served: "listen" is missing',
      "token_file: token",
    ],
    [
      "query-sniper.yaml:1:82: proxysql.http.token_file: a token has 16 characters at least: what it holds is not shown",
      "listen: 127.0.0.1:8080, token_file: short",
    ],
    [
      'query-sniper.yaml:1:90: proxysql.digests.every: dumps need a place: "folder" is missing',
      "listen: 127.0.0.1:8080",
      ", digests: { every: 5m }",
    ],
  ];
  for (const [problem, http, more] of problems) {
    assertEquals(await problemsOf(of(http, more), options), [problem]);
  }
  const bare = await problemsOf(
    of("listen: 127.0.0.1:8080", ", digests: { folder: d, every: 300 }"),
    options,
  );
  assertEquals([bare.length, /"300"/.test(bare[0]!)], [1, true]);
  const named = await problemsOf(of("listen: localhost.example:8080"), options);
  assertEquals(named.length, 1);
  const { proxies: [proxysql] } = await load(
    of("listen: '[::]:8080', token_file: token", ", drain: { http_get: true }"),
    options,
  );
  assertEquals(proxysql?.http?.address, { host: "::", port: 8080 });
  assertEquals([proxysql?.http?.hasToken, proxysql?.drainsAtEnd, proxysql?.drainsByGet], [true, true, true]);
  const plain = await load(of("listen: 127.0.0.1:8080"), options);
  assertEquals([plain.proxies[0]?.drainsAtEnd, plain.proxies[0]?.http?.hasToken], [false, false]);
});

Deno.test("a plugin has a file, hosts that it may connect to, and a time; all else is refused", async () => {
  const plugins = (text: string) => `proxysql: { address: "127.0.0.1:6032", plugins: [ ${text} ] }\n`;
  const main = plugins(
    '{ file: a.js }, { file: /p/b.mjs, permissions: { net: ["[::1]:443", db1:80] }, timeout: 5s, text: digest }',
  );
  const { proxies: [proxysql] } = await load({ "query-sniper.yaml": main, "credentials.yaml": CREDENTIALS });
  const [first, second] = proxysql!.plugins;
  assertEquals({ ...first, file: first!.file.replace(/.*\//, "") }, {
    ...{ file: "a.js", net: [], timeout: 2000, text: "off" },
  });
  assertEquals(second, {
    ...{ file: "/p/b.mjs", net: ["[::1]:443", "db1:80"], timeout: 5000, text: "digest" },
  });
  const report = proxysqlReport({ ...proxysql!, plugins: [second!] });
  assertEquals(report["plugins"], [
    { file: "/p/b.mjs", permissions: { net: ["[::1]:443", "db1:80"] }, timeout: "5s", text: "digest" },
  ]);
  assertEquals(
    describeProxysql(report).at(-1),
    "  plugin: /p/b.mjs, may connect to [::1]:443, db1:80, timeout 5s, text digest",
  );
  const place = 'expected a host with a port, such as 10.0.0.9:443: "';
  const wrong: readonly (readonly [text: string, problem: string])[] = [
    ["{}", 'proxysql.plugins[0]: a key is missing: "file"'],
    [
      "{ file: a.ts }",
      'proxysql.plugins[0].file: expected a JavaScript module, a file that ends in ".js": "a.ts"',
    ],
    [
      "{ file: x/a.js }, { file: a.js }",
      'proxysql.plugins[1].file: another plugin has a file of this name: "a.js"',
    ],
    ["{ file: a.js, permissions: { read: [ /etc ] } }", "no plugin has this permission"],
    ["{ file: a.js, permissions: { all: true } }", "unknown key"],
    ["{ file: a.js, permissions: all }", "expected a mapping of keys"],
    ["{ file: a.js, timeout: 2 }", "proxysql.plugins[0].timeout: "],
    ["{ file: a.js, text: raw }", "proxysql.plugins[0].text: "],
    ...["true", "db1", '"*:443"', '"*"', "db1:0", "db1:65536", '"http://db1:80"', '"db1:80/x"', '"a b:80"']
      .map((text) =>
        [
          `{ file: a.js, permissions: { net: [ ${text} ] } }`,
          `permissions.net[0]: ${place}${text.replaceAll('"', "")}"`,
        ] as const
      ),
  ];
  for (const [text, problem] of wrong) {
    const problems = await problemsOf({ "query-sniper.yaml": plugins(text) });
    assertEquals(
      problems.filter((found) => found.includes(problem)).length,
      1,
      `${text}: ${problems.join("\n")}`,
    );
  }
});

const TWO =
  "proxysql:\n  - { name: edge, address: 127.0.0.1:6032 }\n  - { name: core, address: 127.0.0.1:6033 }\n";

Deno.test("of several ProxySQLs each has a name, files of its own, and accounts of its own where these are given", async () => {
  const { proxies } = await load({
    "query-sniper.yaml": TWO,
    "credentials.yaml": `${
      CREDENTIALS.split("\n")[0]
    }\nproxies: { core: { proxysql-stats: { user: reader, password: hunter4 } } }\n`,
  }, { ...required(), environment: (name) => ({ STATE_DIRECTORY: "/state" })[name] });
  const told = proxies.map((
    { name, admin, stats, drain, digests },
  ) => [name, admin?.user, stats?.user, drain.file, digests.state]);
  assertEquals(told, [
    ["edge", "radmin", undefined, "/state/draining-edge", "/state/proxysql-edge.sqlite"],
    ["core", undefined, "reader", "/state/draining-core", "/state/proxysql-core.sqlite"],
  ]);
  assertEquals(proxies.map((each) => describeProxysql(proxysqlReport(each))[0]), [
    "proxysql edge (127.0.0.1:6032): role none, timeout 3s, ssl_mode preferred, as radmin with password ***",
    "proxysql core (127.0.0.1:6033): role none, timeout 3s, ssl_mode preferred, as reader with password ***",
  ]);
});

Deno.test("names and accounts of several ProxySQLs that do not fit are refused or told", async () => {
  const files = (main: string, credentials = "proxysql: { user: a, password: b }\n") => ({
    "query-sniper.yaml": main,
    "credentials.yaml": credentials,
  });
  const twice = TWO.replace("core", "edge");
  assertEquals(await problemsOf(files(twice), required()), [
    'query-sniper.yaml:3:5: proxysql[1]: another ProxySQL has this name: "edge"',
  ]);
  assertEquals(await problemsOf(files(TWO.replace("core", "off")), required()), [
    'query-sniper.yaml:3:5: proxysql[1]: a database is behind none where it says so: "off"',
  ]);
  const lacking = "proxies: { core: { proxysql: { user: a, password: b } } }\n";
  assertEquals(await problemsOf(files(TWO, lacking), required()), [
    'credentials.yaml:1:1: no credentials for the ProxySQL "edge": "proxysql", or "proxysql-stats" for reading only',
  ]);
  const empty = "proxysql: { user: a, password: b }\nproxies: { core: {} }\n";
  assertEquals(await problemsOf(files(TWO, empty), required()), [
    'credentials.yaml:2:18: proxies.core: a key is missing: "proxysql" or "proxysql-stats"',
  ]);
});

Deno.test("a database, or its group, says which ProxySQL is in front of it", async () => {
  const main = (databases: string) =>
    `${TWO}groups: { read: { proxysql: [edge, core] } }\ndatabases:\n${databases}`;
  const { databases } = await load({
    "query-sniper.yaml": main(
      "  - { name: a, host: a }\n  - { name: b, host: b, proxysql: edge }\n" +
        "  - { name: c, host: c, group: read }\n  - { name: d, host: d, group: read, proxysql: core }\n" +
        "  - { name: e, host: e, group: read, proxysql: off }\n",
    ),
  });
  assertEquals(databases.map(({ proxysql }) => proxysql), [
    undefined,
    ["edge"],
    ["edge", "core"],
    ["core"],
    undefined,
  ]);
  assertEquals(databaseReport(databases[2]!)["proxysql"], ["edge", "core"]);
  assertEquals(
    await problemsOf({
      "query-sniper.yaml": main("  - { name: a, host: a, proxysql: egde }\n").replace(
        "[edge, core]",
        "[edge, edge]",
      ),
    }),
    [
      'query-sniper.yaml:4:36: groups.read.proxysql[1]: it stands here twice: "edge"',
      'query-sniper.yaml:6:35: databases[0].proxysql: no ProxySQL has this name: "egde" (did you mean "edge"?)',
    ],
  );
  const [none] = await problemsOf({
    "query-sniper.yaml": "databases: [ { name: a, host: a, proxysql: edge } ]\n",
  });
  assertEquals(
    none,
    'query-sniper.yaml:1:44: databases[0].proxysql: no ProxySQL has this name: "edge"',
  );
});

Deno.test("the accounts in docs/proxysql.md are those that it says they are", async () => {
  const { proxies } = await load(
    {
      "query-sniper.yaml": "proxysql:\n  - { name: edge-1, address: 10.0.0.11:6032 }\n" +
        "  - { name: edge-2, address: 10.0.0.12:6032 }\n",
      "credentials.yaml": sample("proxysql-credentials"),
    },
    required({ SNIPER_PASSWORD: "a", STATS_PASSWORD: "b", EDGE_PASSWORD: "c" }),
  );
  assertEquals(proxies.map(({ admin, stats }) => [admin?.user, stats?.user]), [
    [undefined, "stats"],
    ["radmin", undefined],
  ]);
});
