import { assertEquals } from "@std/assert";
import { formatWarning } from "../../src/yaml/mod.ts";
import { loadConfig } from "../../src/config/mod.ts";
import { type FileContent, Folder, IF_PRESENT, load, problemsOf, required } from "./folder.ts";

const MAIN = "databases:\n  - { name: orders, host: db1 }\n  - { name: reporting, host: db2 }\n";

/** The main file of two databases, and a credentials file with this text. */
function files(credentials: FileContent): Readonly<Record<string, FileContent>> {
  return { "query-sniper.yaml": MAIN, "credentials.yaml": credentials };
}

async function accountsOf(
  contents: Readonly<Record<string, FileContent>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const { databases } = await load(contents, required(environment));
  return databases.map(({ account }) => `${account?.user}:${account?.password.reveal()}`);
}

Deno.test("loadConfig() gives a database its own account, else the default one", async () => {
  const credentials =
    "default: { user: sniper, password: 0123 }\ndatabases:\n  orders: { user: 0007, password: '' }\n";
  assertEquals(await accountsOf(files(credentials)), ["0007:", "sniper:0123"]);
});

Deno.test("loadConfig() takes passwords from the environment and from files", async () => {
  const contents = {
    ...files(
      "default: { user: a, password_env: SNIPER_PASSWORD }\ndatabases:\n  orders: { user: b, password_file: secret/password }\n",
    ),
    "secret/password": "from a file \n",
  };
  assertEquals(await accountsOf(contents, { SNIPER_PASSWORD: " from env" }), [
    "b:from a file ",
    "a: from env",
  ]);
  const empty = files("default: { user: a, password_env: SNIPER_PASSWORD }\n");
  assertEquals(await accountsOf(empty, { SNIPER_PASSWORD: "" }), ["a:", "a:"]);
});

Deno.test("loadConfig() gives a group its account: below a database's own, above the default one", async () => {
  const contents = {
    "query-sniper.yaml": "groups: { replicas: {}, others: {} }\ndatabases:\n" +
      ["a, group: replicas", "b, group: replicas", "c, group: others", "d"]
        .map((name) => `  - { name: ${name}, host: h }\n`).join(""),
    "credentials.yaml":
      "default: { user: top, password: 1 }\ngroups: { replicas: { user: group, password: 2 } }\n" +
      "databases: { b: { user: own, password: 3 } }\n",
  };
  assertEquals(await accountsOf(contents), ["group:2", "own:3", "top:1", "top:1"]);
  const bare = contents["credentials.yaml"].replace(/^default.*\n/, "");
  assertEquals(await problemsOf({ ...contents, "credentials.yaml": bare }, required()), [
    'credentials.yaml:2:12: databases.c: no credentials for this database, and no "default"',
    'credentials.yaml:2:12: databases.d: no credentials for this database, and no "default"',
  ]);
});

Deno.test("loadConfig() warns of accounts for what this configuration has not, and reads none of them", async () => {
  const credentials = "default: { user: a, password: hunter2 }\n" +
    "groups: { replica: { user: a, password_env: NOT_SET } }\n" +
    "databases:\n  order: { user: a, password_file: absent }\n";
  await using folder = await Folder.make(files({ text: credentials, mode: 0o600 }));
  const { config, warnings } = await loadConfig(folder.file("query-sniper.yaml"), required());
  assertEquals(config.databases.map(({ account }) => account?.password.reveal()), ["hunter2", "hunter2"]);
  assertEquals(warnings.map((warning) => folder.relative(formatWarning(warning))), [
    'credentials.yaml:2:11: groups.replica: warning: no group has this name: "replica"',
    'credentials.yaml:4:3: databases.order: warning: no database has this name: "order" (did you mean "orders"?)',
  ]);
});

Deno.test("loadConfig() takes user and password from a file like ~/.my.cnf, which only its owner may read", async () => {
  const credentials =
    "default: { defaults_file: my.cnf }\ndatabases: { orders: { user: b, defaults_file: my.cnf } }\n";
  const contents = (text: string, mode = 0o600) => ({ ...files(credentials), "my.cnf": { text, mode } });
  const cnf = '[client]\nuser=a\npassword = "x # y"   # why\n[mysqldump]\nuser=dump\n';
  assertEquals(await accountsOf(contents(cnf)), ["b:x # y", "a:x # y"]);
  assertEquals(await problemsOf(contents(cnf, 0o644), required()), [
    "credentials.yaml:1:27: default.defaults_file: other users have access to this file (mode 0644), run: chmod 600 my.cnf",
    "credentials.yaml:2:48: databases.orders.defaults_file: other users have access to this file (mode 0644), " +
    "run: chmod 600 my.cnf",
  ]);
  assertEquals(await problemsOf(contents("[client]\npassword=x\n"), required()), [
    'credentials.yaml:1:27: default.defaults_file: the [client] of this file has no user: "my.cnf"',
  ]);
  assertEquals(await problemsOf(files(credentials.replace(/\n.*\n/, "\n")), required()), [
    'credentials.yaml:1:27: default.defaults_file: cannot read the file: it does not exist: "my.cnf"',
  ]);
});

Deno.test("loadConfig() takes one line end off a password file, and nothing else", async () => {
  for (
    const [text, password] of [["x", "x"], ["x\n", "x"], ["x\r\n", "x"], ["x\n\n", "x\n"], ["", ""]] as const
  ) {
    const contents = { ...files("default: { user: a, password_file: pw }\n"), pw: text };
    assertEquals(await accountsOf(contents), [`a:${password}`, `a:${password}`]);
  }
});

Deno.test("loadConfig() takes paths as relative to the file that names them, and absolute ones as they are", async () => {
  await using folder = await Folder.make({
    "conf/query-sniper.yaml": `credentials: ../secret/sniper.yaml\n${MAIN}`,
    "secret/sniper.yaml": "default: { user: a, password_file: ../other/pw }\n",
    "other/pw": "relative",
  });
  const file = folder.file("conf/query-sniper.yaml");
  const password = async () =>
    (await loadConfig(file, required())).config.databases[0]!.account!.password.reveal();
  assertEquals(await password(), "relative");
  await Deno.writeTextFile(
    folder.file("secret/sniper.yaml"),
    `default: { user: a, password_file: ${folder.file("pw")} }`,
  );
  await Deno.writeTextFile(folder.file("pw"), "absolute", { mode: 0o600 });
  await Deno.writeTextFile(file, `credentials: ${folder.file("secret/sniper.yaml")}\n${MAIN}`);
  assertEquals(await password(), "absolute");
});

const MODES: readonly (readonly [mode: number, problem?: string])[] = [
  [0o600],
  [0o400],
  [0o640],
  [0o660],
  [0o644, "other users have access to this file (mode 0644)"],
  [0o604, "other users have access to this file (mode 0604)"],
  [0o602, "other users have access to this file (mode 0602)"],
  [0o666, "other users have access to this file (mode 0666)"],
  [0o777, "other users have access to this file (mode 0777)"],
];

Deno.test("loadConfig() refuses credentials that others may read, and says the chmod", async () => {
  for (const [mode, problem] of MODES) {
    const text = "default: { user: a, password: hunter2 }\n";
    const problems = await problemsOf(files({ text, mode }), required());
    const expected = problem && `credentials.yaml: ${problem}, run: chmod 600 credentials.yaml`;
    assertEquals(problems, expected === undefined ? [] : [expected], mode.toString(8));
    assertEquals(await problemsOf(files({ text, mode }), IF_PRESENT), problems, "also where it is validated");
  }
});

Deno.test("loadConfig() refuses a password file that others may read", async () => {
  const credentials = "default: { user: a, password_file: pw }\n";
  assertEquals(
    await problemsOf({ ...files(credentials), pw: { text: "hunter2", mode: 0o644 } }, required()),
    [
      "credentials.yaml:1:36: default.password_file: other users have access to this file (mode 0644), " +
      "run: chmod 600 pw",
    ],
  );
});

Deno.test({
  name: "loadConfig() refuses credentials that a group may read of which it is not a member",
  ignore: Deno.uid() !== 0, // only root can give a file away
  async fn() {
    await using folder = await Folder.make(
      files({ text: "default: { user: a, password: hunter2 }\n", mode: 0o640 }),
    );
    await Deno.chown(folder.file("credentials.yaml"), null, 54_321);
    const error = await loadConfig(folder.file("query-sniper.yaml"), required()).catch((error) => error);
    assertEquals(
      folder.relative(error.message),
      "credentials.yaml: a group that this process is not in has access to this file (mode 0640), " +
        "run: chmod 600 credentials.yaml",
    );
  },
});

const BAD: readonly (readonly [credentials: string, ...problems: string[]])[] = [
  ["", "credentials.yaml: the file is empty"],
  [
    "databases:\n  orders: { user: a, password: hunter2 }\n",
    'credentials.yaml:2:3: databases.reporting: no credentials for this database, and no "default"',
  ],
  [
    "default: { user: a, password: hunter2, password_env: X }\n",
    "credentials.yaml:1:10: default: expected one of password, password_env, password_file and defaults_file: " +
    "there are password and password_env",
  ],
  [
    "default: { user: a }\n",
    "credentials.yaml:1:10: default: expected one of password, password_env, password_file and defaults_file: there is none",
  ],
  [
    "default: { password: hunter2 }\n",
    'credentials.yaml:1:10: default: a key is missing: "user" or "defaults_file"',
  ],
  [
    "default: { user: '', password: hunter2 }\n",
    "credentials.yaml:1:18: default.user: expected a text: it is empty",
  ],
  [
    "default: { user: a, password: hunter2, pasword: x }\n",
    "credentials.yaml:1:40: default.***: unknown key (not shown: it may be part of a password) " +
    '(did you mean "password"?)',
  ],
  [
    "default: { user: a, password_file: nothing }\n",
    'credentials.yaml:1:36: default.password_file: cannot read the file: it does not exist: "nothing"',
  ],
  ["databases: { orders: text }\n", ...[
    'credentials.yaml:1:12: databases.reporting: no credentials for this database, and no "default"',
    "credentials.yaml:1:22: databases.orders: expected a mapping of keys: found a text",
  ]],
  ["default: text\n", "credentials.yaml:1:10: default: expected a mapping of keys: found a text"],
  ["- default\n", "credentials.yaml:1:1: expected a mapping of keys: found a list"],
  [
    "databases: []\n",
    "credentials.yaml:1:12: databases: expected a mapping of names, each to a mapping of keys: found a list",
  ],
  [
    "default: { user: a, password: }\n",
    "credentials.yaml:1:31: default.password: expected a text: it is empty",
  ],
  [
    "default: { user: a, password_env: '' }\n",
    "credentials.yaml:1:35: default.password_env: expected the name of an environment variable: " +
    "found something else, which is not shown",
  ],
  [
    "default: { user: a, password_env: SNIPER_PASSWORD }\n",
    "credentials.yaml:1:35: default.password_env: this environment variable is not set: SNIPER_PASSWORD",
  ],
  [
    "default:\n\tuser: a\n",
    "credentials.yaml:2:1: a tab is used for indentation: use spaces",
  ],
];

Deno.test("loadConfig() says what is wrong with the credentials", async () => {
  for (const [credentials, ...problems] of BAD) {
    assertEquals(await problemsOf(files(credentials), required()), problems, credentials);
  }
});

Deno.test("loadConfig() says what is wrong in both files at once", async () => {
  const contents = {
    "query-sniper.yaml": `interval: 30\n${MAIN}`,
    "credentials.yaml": "default: { user: a }\n",
  };
  assertEquals(await problemsOf(contents, required()), [
    'query-sniper.yaml:1:11: interval: expected a duration, it needs a unit (ms, s, m, h or d): "30"',
    "credentials.yaml:1:10: default: expected one of password, password_env, password_file and defaults_file: there is none",
  ]);
});

Deno.test("loadConfig() demands the credentials, or warns where it only validates", async () => {
  const contents = { "query-sniper.yaml": MAIN };
  assertEquals(await problemsOf(contents, required()), [
    "credentials.yaml: cannot read the file: it does not exist",
  ]);
  await using folder = await Folder.make(contents);
  const { config, warnings } = await loadConfig(folder.file("query-sniper.yaml"), IF_PRESENT);
  assertEquals(config.databases.map(({ account }) => account), [undefined, undefined]);
  assertEquals(warnings, [{
    file: folder.file("credentials.yaml"),
    path: "",
    message: "the credentials file does not exist here: it was not checked",
  }]);
});

Deno.test("loadConfig() only warns of secrets that are kept elsewhere, where it only validates", async () => {
  await using folder = await Folder.make(files("default: { user: a, password_env: SNIPER_PASSWORD }\n"));
  const { warnings } = await loadConfig(folder.file("query-sniper.yaml"), IF_PRESENT);
  assertEquals(warnings, [{
    file: folder.file("credentials.yaml"),
    line: 1,
    column: 35,
    path: "default.password_env",
    message: "this environment variable is not set: SNIPER_PASSWORD",
  }]);
});

Deno.test("loadConfig() shows no password in the message of broken credentials", async () => {
  const values = [
    '"hunter2\n',
    "'hunter'2'\n",
    "{hunter2\n",
    "hunter: 2\n",
    "@hunter2\n",
    "|hunter2\n",
    "[hunter2]\n",
    "&hunter2\n",
    '"hunter\\q2"\n',
  ];
  for (const value of values) {
    const problems = await problemsOf(files(`default:\n  user: a\n  password: ${value}`), required());
    assertEquals(problems.length > 0 && problems.some((problem) => problem.includes("hunter")), false, value);
  }
  for (const text of ["hunter2\n", "default: a:hunter2\n", "default:\n  user: a\n  password:hunter2\n"]) {
    const problems = await problemsOf(files(text), required());
    assertEquals(problems.length > 0 && problems.some((problem) => problem.includes("hunter")), false, text);
  }
});

Deno.test("a password that is the name of a variable is a warning that does not show it", async () => {
  for (const password of ["${DB_PASSWORD}", "$DB_PASSWORD", "$(DB_PASSWORD)", "%DB_PASSWORD%"]) {
    const contents = files(`default: { user: a, password: "${password}" }\n`);
    await using folder = await Folder.make(contents);
    const { config, warnings } = await loadConfig(folder.file("query-sniper.yaml"), required());
    assertEquals(config.databases[0]?.account?.password.reveal(), password);
    assertEquals(warnings.map(({ line, path, message }) => `${line}: ${path}: ${message}`), [
      "1: default.password: this is the password as it stands, no variable is replaced: password_env names one",
    ]);
  }
  for (const password of ["pa${x}ss", "$ecret", "$abc", "50%", "%a%"]) {
    await using folder = await Folder.make(files(`default: { user: a, password: "${password}" }\n`));
    assertEquals((await loadConfig(folder.file("query-sniper.yaml"), required())).warnings, [], password);
  }
  assertEquals(await problemsOf(files('default: { user: "${DB_USER}", password: x }\n'), required()), [
    'credentials.yaml:1:18: default.user: variables are not replaced here: "${DB_USER}"',
  ]);
});

Deno.test("an address that is the name of a variable is refused", async () => {
  const contents = {
    "query-sniper.yaml": 'databases: [{ name: a, host: "${DB_HOST}" }, { name: b, socket: ~/s }]\n',
  };
  assertEquals(await problemsOf(contents, IF_PRESENT), [
    'query-sniper.yaml:1:30: databases[0].host: variables are not replaced here: "${DB_HOST}"',
    'query-sniper.yaml:1:65: databases[1].socket: "~" is not replaced here, write the whole path: "~/s"',
  ]);
});
