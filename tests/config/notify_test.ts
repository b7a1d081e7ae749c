import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Config, loadConfig } from "../../src/config/mod.ts";
import { sample } from "../pages.ts";
import { runProgram } from "../program.ts";
import { type FileContent, Folder, IF_PRESENT, load, problemsOf, required } from "./folder.ts";

const DATABASES = "databases: [{ name: orders, host: db1 }, { name: orders-2, host: db2 }]\n";
const HOOK = "https://example.org/hunter2-of-the-hook";

function files(channel: string, more: Readonly<Record<string, FileContent>> = {}) {
  return {
    "query-sniper.yaml": `notify:\n  dba: ${channel}\n${DATABASES}`,
    "credentials.yaml": "default: { user: a, password: x }\n",
    ...more,
  };
}

const FROM_FILES = files("{ webhook: { url_file: hook, secret_file: key } }", {
  hook: `${HOOK}\n`,
  key: "hunter2-of-the-key\n",
});

function shownBy(config: Config): string {
  return `${JSON.stringify(config.notify)} ${Deno.inspect(config.notify, { depth: 9 })}`;
}

Deno.test("a channel has its secrets from files or from the environment, and prints without them", async () => {
  const fromEnv = files(
    "{ webhook: { url_env: HOOK, secret_env: KEY }, on: gate, every: 5m, databases: [o*] }",
  );
  const first = await load(FROM_FILES, required());
  const second = await load(fromEnv, required({ HOOK, KEY: "hunter2-of-the-key" }));
  for (const config of [first, second]) {
    const { to } = config.notify[0]!;
    assert(to?.kind === "webhook");
    assertEquals([to.url.reveal(), to.key.reveal()], [HOOK, "hunter2-of-the-key"]);
    assert(!shownBy(config).includes("hunter2"), shownBy(config));
  }
  const { to: _to, ...rest } = second.notify[0]!;
  assertEquals(rest, { name: "dba", kind: "webhook", on: ["gate"], databases: ["o*"], every: 300_000 });
  const { on, databases, every } = first.notify[0]!;
  assertEquals(on.join(), "kill,gate,budget,lease,pause,journal,unreachable");
  assertEquals([databases, every], [["*"], 30_000]);
  assertEquals((await load({ "query-sniper.yaml": DATABASES })).notify, []);
});

Deno.test("a secret that cannot be read is an error, and no message repeats what stands in its place", async () => {
  const rows: readonly (readonly [string, Readonly<Record<string, FileContent>>, string])[] = [
    [
      `{ url_file: "${HOOK}", secret_env: KEY }`,
      {},
      "2:31: notify.dba.webhook.url_file: cannot read the file: it does not exist",
    ],
    [
      "{ url_env: HOOK, secret_env: KEY }",
      {},
      "2:30: notify.dba.webhook.url_env: this environment variable is not set: HOOK",
    ],
    [
      "{ url_file: hook, secret_env: KEY }",
      { hook: "hunter2" },
      "2:31: notify.dba.webhook.url_file: this holds no address such as https://example.org/hook: what it holds is not shown",
    ],
    [
      "{ url_file: hook, secret_env: KEY }",
      { hook: { text: HOOK, mode: 0o644 } },
      "2:31: notify.dba.webhook.url_file: other users have access to this file (mode 0644), run: chmod 600 hook",
    ],
    [`{ url: "${HOOK}", secret_env: EMPTY }`, {}, "2:81: notify.dba.webhook.secret_env: the secret is empty"],
    [
      `{ url: "${HOOK}" }`,
      {},
      "2:19: notify.dba.webhook: expected one of secret_file and secret_env: there is none",
    ],
  ];
  for (const [webhook, more, problem] of rows) {
    const found = await problemsOf(files(`{ webhook: ${webhook} }`, more), required({ KEY: "k", EMPTY: "" }));
    assertEquals(found, [`query-sniper.yaml:${problem}`]);
    assert(!found.join().includes("hunter2"));
  }
});

Deno.test("who validates a configuration elsewhere is warned of secrets that are not there", async () => {
  const channel = "{ webhook: { url_file: hook, secret_env: KEY }, databases: [order, orders-?] }";
  await using folder = await Folder.make(files(channel));
  const { config, warnings } = await loadConfig(folder.file("query-sniper.yaml"), IF_PRESENT);
  assertEquals(config.notify.map(({ to }) => to), [undefined]);
  assertEquals(warnings.map(({ path, message }) => `${path}: ${message}`), [
    "notify.dba.webhook.url_file: cannot read the file: it does not exist",
    "notify.dba.webhook.secret_env: this environment variable is not set: KEY",
    'notify.dba.databases[0]: no database has such a name: "order" (did you mean "orders"?)',
  ]);
});

Deno.test("validate-config says who is told, and no secret", async () => {
  await using folder = await Folder.make(FROM_FILES);
  const [text, json] = await Promise.all([
    runProgram(["validate-config"], { cwd: folder.path }),
    runProgram(["validate-config", "--format", "json"], { cwd: folder.path }),
  ]);
  assertEquals([text.stderr, json.stderr], ["", ""]);
  assertStringIncludes(
    text.stdout,
    "notify: dba by webhook of kill, gate, budget, lease, pause, journal, unreachable on *, a message every 30s at most",
  );
  assertEquals(JSON.parse(json.stdout).notify, [{
    ...{ name: "dba", kind: "webhook", databases: ["*"], every: "30s" },
    on: ["kill", "gate", "budget", "lease", "pause", "journal", "unreachable"],
  }]);
  assert(!`${text.stdout}${json.stdout}`.includes("hunter2"));
});

const OTHERS = [
  sample("notify-slack"),
  sample("notify-pagerduty"),
  sample("notify-alertmanager"),
  sample("notify-mail"),
];

Deno.test("the channels in docs/notifications.md are valid", async () => {
  const secrets = { "hook-url": HOOK, "hook-key": "key", "pagerduty-key": "key", "mail-password": "hunter2" };
  const { notify, databases } = await load({
    "query-sniper.yaml": [
      sample("notify-policy"),
      sample("notify"),
      ...OTHERS.map((text) => text.replace("notify:\n", "")),
    ].join("") +
      DATABASES,
    "credentials.yaml": "default: { user: a, password: x }\n",
    ...secrets,
  }, required({ SLACK_URL: HOOK }));
  assertEquals(notify.map(({ name, to }) => [name, to?.kind]), [
    ["dba", "webhook"],
    ["chat", "slack"],
    [
      "pager",
      "pagerduty",
    ],
    ["alerts", "alertmanager"],
    ["mail", "email"],
  ]);
  assertEquals(databases[0]!.rules.policies.map(({ then, notify }) => [then, notify]), [[
    "kill query",
    ["dba"],
  ]]);
});

Deno.test("a mail server is read with its account, and the password is shown nowhere", async () => {
  const keys = 'url: "smtp://[::1]:2525", from: a@example.org, to: b@example.org';
  const ca = "-----BEGIN CERTIFICATE-----";
  const config = await load(
    files(`{ email: { ${keys}, user: sniper, password_env: PASSWORD, ca_file: ca.pem } }`, { "ca.pem": ca }),
    required({ PASSWORD: "hunter2-of-the-mail" }),
  );
  const { to } = config.notify[0]!;
  assert(to?.kind === "email" && to.password !== undefined);
  const { password, ...rest } = to;
  assertEquals(password.reveal(), "hunter2-of-the-mail");
  assertEquals<unknown>(rest, {
    ...{ kind: "email", host: "::1", port: 2525, secure: false, user: "sniper", ca },
    ...{ from: "a@example.org", to: ["b@example.org"] },
  });
  assert(!shownBy(config).includes("hunter2"), shownBy(config));
});
