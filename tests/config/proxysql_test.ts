import { assertEquals } from "@std/assert";
import { describeProxysql, proxysqlReport } from "../../src/config/mod.ts";
import { IF_PRESENT, load, problemsOf, required } from "./folder.ts";

const CREDENTIALS = "proxysql: { user: radmin, password: hunter2 }\n" +
  "proxysql-stats: { user: stats, password_env: STATS_PASSWORD }\n";

const ALL = {
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
  const { databases, proxysql } = await load(
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
  const { proxysql } = await load({
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
    const { proxysql } = await load({ "query-sniper.yaml": main }, IF_PRESENT);
    assertEquals(proxysql?.stamp, expected);
  }
});

Deno.test("a socket is an address too, and the accounts of databases are not ProxySQL's", async () => {
  const main = "proxysql: { address: /run/proxysql.sock }\n";
  const { proxysql } = await load({ "query-sniper.yaml": main }, IF_PRESENT);
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
  const { proxysql } = await load(
    of("listen: '[::]:8080', token_file: token", ", drain: { http_get: true }"),
    options,
  );
  assertEquals(proxysql?.http?.address, { host: "::", port: 8080 });
  assertEquals([proxysql?.http?.hasToken, proxysql?.drainsAtEnd, proxysql?.drainsByGet], [true, true, true]);
  const plain = await load(of("listen: 127.0.0.1:8080"), options);
  assertEquals([plain.proxysql?.drainsAtEnd, plain.proxysql?.http?.hasToken], [false, false]);
});

Deno.test("a plugin has a file, hosts that it may connect to, and a time; all else is refused", async () => {
  const plugins = (text: string) => `proxysql: { address: "127.0.0.1:6032", plugins: [ ${text} ] }\n`;
  const main = plugins(
    '{ file: a.js }, { file: /p/b.mjs, permissions: { net: ["[::1]:443", db1:80] }, timeout: 5s, text: digest }',
  );
  const { proxysql } = await load({ "query-sniper.yaml": main, "credentials.yaml": CREDENTIALS });
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
