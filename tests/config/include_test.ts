import { assertEquals } from "@std/assert";
import { formatWarning } from "../../src/yaml/mod.ts";
import { loadConfig } from "../../src/config/mod.ts";
import { ROOT } from "../program.ts";
import { type FileContent, Folder, IF_PRESENT, load, problemsOf } from "./folder.ts";

const MAIN = `
include: databases.d/*.yaml
limits: { lag: 30s }
policies:
  - { name: impacted, when: lag > limits.lag, where: running, then: kill query }
`;

Deno.test("include adds databases and groups of other files, in the order of their names", async () => {
  const { databases } = await load({
    "query-sniper.yaml": `${MAIN}groups: { own: { interval: 2s } }\ndatabases: [{ name: first, host: h0 }]\n`,
    "databases.d/b.yaml":
      "databases: [{ name: b1, host: h1, group: fast }, { name: b2, host: h2, group: own }]\n",
    "databases.d/a.yaml": "groups: { fast: { interval: 100ms } }\ndatabases: [{ name: a1, host: h3 }]\n",
    "databases.d/.hidden.yaml": "databases: [{ name: hidden, host: h4 }]\n",
    "databases.d/notes.txt": "no YAML: [",
  });
  assertEquals(databases.map(({ name, interval }) => `${name} ${interval}`), [
    "first 1000",
    "a1 1000",
    "b1 100",
    "b2 2000",
  ]);
  assertEquals(databases.map(({ rules }) => rules.policies.length), [1, 1, 1, 1]);
});

Deno.test("include takes a list, subfolders, and each file once", async () => {
  const { databases } = await load({
    "query-sniper.yaml": "include: [z.yaml, '*/team-?.yaml', 'teams/*', 'teams/team-a.yaml']\n",
    "z.yaml": "databases: [{ name: z, host: h }]\n",
    "teams/team-b.yaml": "databases: [{ name: b, host: h }]\n",
    "teams/team-a.yaml": "databases: [{ name: a, host: h }]\n",
    "teams/team-ab.yaml": "databases: []\n",
  });
  assertEquals(databases.map(({ name }) => name), ["z", "a", "b"]);
});

Deno.test("a pattern is no regular expression", async () => {
  const { databases } = await load({
    "query-sniper.yaml": "include: 'a+(b).*'\n",
    "a+(b).yaml": "databases: [{ name: a, host: h }]\n",
    "aa(b).yaml": "no YAML: [",
    "a+(b)xyaml": "no YAML: [",
  });
  assertEquals(databases.length, 1);
});

Deno.test("include tells a pattern that matches nothing, and goes on", async () => {
  await using folder = await Folder.make({
    "query-sniper.yaml": "include:\n  - more.d/*.yaml\ndatabases: [{ name: a, host: h }]\n",
  });
  const { warnings, included } = await loadConfig(folder.file("query-sniper.yaml"), IF_PRESENT);
  assertEquals(
    folder.relative(formatWarning(warnings[0]!)),
    'query-sniper.yaml:2:5: include[0]: warning: no file has such a name: "more.d/*.yaml"',
  );
  assertEquals(included, []);
});

Deno.test("paths in an included file are relative to it", async () => {
  const { databases } = await load({
    "query-sniper.yaml": "include: d/*.yaml\nssl_ca: top.pem\ndatabases: [{ name: a, host: h }]\n",
    "top.pem": "top",
    "d/b.yaml": "databases: [{ name: b, host: h, ssl_ca: top.pem }, { name: c, host: h }]\n",
    "d/top.pem": "below",
  });
  assertEquals(databases.map(({ tls }) => tls.ca), ["top", "below", "top"]);
});

Deno.test("the example of an included file can be included in the example of a main file", async () => {
  const example = (name: string) => Deno.readTextFile(`${ROOT}config/${name}`);
  const main = await example("query-sniper.yaml");
  const { databases } = await load({
    "query-sniper.yaml": main.replace("# include:", "include:"),
    "databases.d/shop.yaml": await example("databases.d/shop.yaml"),
  });
  assertEquals(databases.slice(-2).map(({ name }) => name), ["shop-primary", "shop-replica"]);
});

/** Included files that are wrong, and what alone is said. */
const ROWS: readonly (readonly [what: string, file: string, ...problems: string[]])[] = [
  ["a list", "- a\n", "1:1: expected a mapping of keys: found a list"],
  ["nothing", "# later\n", " the file is empty"],
  ["an unknown key", "database: []\n", '1:1: database: unknown key: "database" (did you mean "databases"?)'],
  ["no databases", "groups: {}\n", '1:1: a key is missing: "databases"'],
  [
    "what only the main file has",
    "policies: []\ninclude: x\ndatabases: []\n",
    '1:1: policies: only the main file may have this key: "policies"',
    '2:1: include: only the main file may have this key: "include"',
  ],
  [
    "no YAML",
    "databases: [\n",
    "2:1: this is not YAML: cannot read flow collection: unexpected end of the stream within a flow collection",
  ],
  [
    "an unknown name",
    "databases:\n  - { name: b, host: h, policies: { impacted: { where: tme > 5s } } }\n",
    "2:56: databases[0].policies.impacted.where: unknown name: tme (did you mean time?)",
  ],
  [
    "a database of the main file",
    "databases: [{ name: orders, host: h }]\n",
    '1:21: databases[0].name: another database has this name, databases[0] of the main file: "orders"',
  ],
  [
    "its own database twice",
    "databases: [{ name: b, host: h }, { name: b, host: h }]\n",
    '1:43: databases[1].name: another database has this name: "b"',
  ],
  [
    "a group of the main file",
    "groups: { replicas: {} }\ndatabases: []\n",
    '1:11: groups.replicas: another group has this name, groups.replicas of the main file: "replicas"',
  ],
  [
    "a limit of another type",
    "databases: [{ name: b, host: h, limits: { lag: 5 } }]\n",
    "1:48: databases[0].limits.lag: this limit is a duration in limits of the main file, and a limit has one type: 5",
  ],
  [
    "an unknown source",
    "databases: [{ name: b, host: h, source: orderz }]\n",
    '1:41: databases[0].source: no database has this name: "orderz" (did you mean "orders"?)',
  ],
];

for (const [what, text, ...problems] of ROWS) {
  Deno.test(`an included file with ${what} is refused, with its own name and lines`, async () => {
    const files: Record<string, FileContent> = {
      "query-sniper.yaml": `${MAIN}groups: { replicas: {} }\ndatabases: [{ name: orders, host: db1 }]\n`,
      "databases.d/b.yaml": text,
      // Nothing is blamed on a database that may be in the file that could not be read.
      "credentials.yaml": { text: "default: { user: x, password: y }\n", mode: 0o600 },
    };
    assertEquals(await problemsOf(files), problems.map((problem) => `databases.d/b.yaml:${problem}`));
  });
}

Deno.test("two included files of one name each are named both", async () => {
  const files = {
    "query-sniper.yaml": "include: d/*.yaml\n",
    "d/a.yaml": "groups: { g: {} }\ndatabases: [{ name: one, host: h }, { name: two, host: h }]\n",
    "d/b.yaml": "groups: { g: {} }\ndatabases: [{ name: two, host: h }]\n",
  };
  assertEquals(await problemsOf(files), [
    'd/b.yaml:1:11: groups.g: another group has this name, groups.g of d/a.yaml: "g"',
    'd/b.yaml:2:21: databases[0].name: another database has this name, databases[1] of d/a.yaml: "two"',
  ]);
});

Deno.test("all errors of all files are told at once", async () => {
  const files = {
    "query-sniper.yaml": "include: [d/*.yaml, gone.yaml]\nmode: dryrun\n",
    "d/a.yaml": "databases: [{ name: a, host: h, mode: x }]\n",
    "d/b.yaml": "databases: [{ name: b, host: h, group: elsewhere }]\n",
    "d/c.yaml": "databases: [\n",
  };
  assertEquals(await problemsOf(files), [
    'query-sniper.yaml:1:21: include[1]: cannot read the file: it does not exist: "gone.yaml"',
    'query-sniper.yaml:2:7: mode: expected one of "dry-run", "enforce": "dryrun" (did you mean "dry-run"?)',
    'd/a.yaml:1:39: databases[0].mode: expected one of "dry-run", "enforce": "x"',
    "d/c.yaml:2:1: this is not YAML: cannot read flow collection: unexpected end of the stream within a flow collection",
  ]);
});

Deno.test("the main file forbids keys to the files that it includes, and may have them itself", async () => {
  const files = (forbid: string) => ({
    "query-sniper.yaml":
      `forbid: ${forbid}\ninclude: team.yaml\nmode: enforce\nlease: off\ndatabases: [{ name: a, host: h, mode: dry-run }]\n`,
    "team.yaml": "groups:\n  g: { lease: off, interval: 2s }\n" +
      "databases:\n  - { name: b, host: h, group: g, mode: enforce }\n  - { name: c, host: h, budget: { kills: 900 } }\n",
  });
  assertEquals(await problemsOf(files("[mode, lease, budget]"), IF_PRESENT), [
    "team.yaml:2:8: groups.g.lease: the main file forbids this key here",
    "team.yaml:4:35: databases[0].mode: the main file forbids this key here",
    "team.yaml:5:25: databases[1].budget: the main file forbids this key here",
  ]);
  assertEquals((await load(files("[protect]"))).databases.length, 3);
  assertEquals(await problemsOf(files("[mod]"), IF_PRESENT), [
    'query-sniper.yaml:1:10: forbid[0]: expected one of "mode", "interval", "limits", "budget", "lease", "verify", ' +
    '"grace", "heartbeat", "metrics", "protect", "ssl_mode", "ssl_ca", "ssl_cert", "ssl_key", "proxysql", "policies": "mod" ' +
    '(did you mean "mode"?)',
  ]);
});
