import { assertEquals } from "@std/assert";
import { describeProxysql, proxysqlReport } from "../../src/config/mod.ts";
import { IF_PRESENT, load, problemsOf, required } from "./folder.ts";

const CREDENTIALS = "proxysql: { user: radmin, password: hunter2 }\n" +
  "proxysql-stats: { user: stats, password_env: STATS_PASSWORD }\n";

const ALL = {
  address: "[::1]:16032",
  ssl_mode: "disabled",
  role: "satellite",
  timeout: "500ms",
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
  drain: { file: "/run/draining", delay: "5s", timeout: "1m", close_idle: "2s", shutdown: true },
  http: { ready: { backends: "all" } },
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
    "  digests: folder /var/dumps, format parquet, mode delta, keep 30d, max_size 2GiB, text off, comments off, purge memory 1GiB",
    "  drain: file /run/draining, delay 5s, timeout 1m, close_idle 2s, shutdown true",
    "  ready: backends all",
  ]);
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
