import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { findPrograms, NoServerError, parseVersion } from "../lab/discover.ts";
import {
  ACCOUNTS,
  availableFlavors,
  caughtUp,
  Client,
  type Flavor,
  type LabPair,
  type LabServer,
  requireFlavors,
  startPair,
  waitFor,
} from "../lab/mod.ts";
import { ROOT } from "../program.ts";

const MAIN = fileURLToPath(new URL("../lab/main.ts", import.meta.url));

/** What a process does with its pair in the end: an uncaught error, while the guard is at work. */
const CRASHES: Readonly<Record<string, string>> = {
  "as it begins to stop": "pair.stop(); throw new Error('a crash')",
  "while it stops": "pair.stop(); setTimeout(() => { throw new Error('a crash') }, 5)",
  "while it restarts a server": "pair.replica.stop(); setTimeout(() => { throw new Error('a crash') }, 5)",
};

for (const flavor of await requireFlavors()) {
  Deno.test(`a ${flavor} pair`, async (t) => {
    const pair = await startPair(flavor);
    try {
      for (const [name, step] of STEPS) await t.step(name, () => step(pair));
    } finally {
      await pair.stop();
    }
    await t.step("leaves nothing behind", async () => {
      await assertRejects(() => Deno.stat(pair.folder), Deno.errors.NotFound);
      assertEquals(await processesOf(pair.folder), []);
    });
  });

  Deno.test(`a ${flavor} server that does not start says why, and leaves nothing behind`, async () => {
    const temporary = await Deno.makeTempDir();
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", MAIN, flavor, "--no-such-option=1"],
      env: { TMPDIR: temporary },
    }).output();
    assertEquals(code, 1);
    const text = new TextDecoder().decode(stderr);
    assertMatch(text, new RegExp(`"${flavor}-(primary|replica)" did not start: exit code \\d+:\n`));
    assertMatch(text, /unknown .*no-such-option/);
    assertEquals(await processesOf(temporary), []);
    await Deno.remove(temporary); // throws unless it is empty
  });

  for (const signal of ["SIGKILL", "SIGINT", "SIGTERM"] as const) {
    Deno.test(`a ${flavor} lab whose process gets ${signal} leaves nothing behind`, async () => {
      await assertCleanedUp(flavor, signal);
    });
  }

  for (const [when, code] of Object.entries(CRASHES)) {
    Deno.test(`a ${flavor} lab whose process crashes ${when} leaves nothing behind`, async () => {
      await assertSurvivesCrash(flavor, code);
    });
  }
}

const STEPS: readonly (readonly [string, (pair: LabPair) => Promise<void>])[] = [
  ["replicates the bootstrap's tables", async ({ replica }) => {
    await using client = await Client.connect(replica, ACCOUNTS.app, { database: "test" });
    const [greeting] = await client.query("SELECT value FROM config WHERE name = ?", ["greeting"]);
    assertEquals(greeting?.value, "hello");
    const [count] = await client.execute("SELECT COUNT(*) AS items FROM item WHERE id > ?", [0]);
    assertEquals(count?.items, 5000);
  }],

  ["lets every account in, by TCP and by socket", async ({ primary, replica }) => {
    for (const server of [primary, replica]) {
      for (const account of Object.values(ACCOUNTS)) {
        for (const bySocket of [false, true]) {
          await using client = await Client.connect(server, account, { bySocket });
          const [row] = await client.query("SELECT CONNECTION_ID() AS id, CURRENT_USER() AS user");
          assertEquals(row?.id, client.id);
          assertMatch(String(row?.user), new RegExp(`^${account.user}@`));
        }
      }
    }
  }],

  ["has its replica read only", async ({ replica }) => {
    await using client = await Client.connect(replica, ACCOUNTS.app);
    const error = await assertRejects(() => client.query("UPDATE test.item SET stock = 1 WHERE id = 1"));
    assertEquals(codesOf(error), { errno: 1290, code: "ER_OPTION_PREVENTS_STATEMENT" });
  }],

  ["lets the sniper observe and kill, and read no data", async ({ primary, replica }) => {
    for (const server of [primary, replica]) {
      await using sniper = await Client.connect(server, ACCOUNTS.sniper);
      assertEquals(codesOf(await assertRejects(() => sniper.query("SELECT * FROM test.config"))).errno, 1142);
      await using app = await Client.connect(server, ACCOUNTS.app);
      const sleep = assertRejects(() => app.query("SELECT SLEEP(60) FROM test.config"));
      const sleeping = "SELECT id FROM information_schema.processlist WHERE id = ? AND state = 'User sleep'";
      await waitFor("the sleeping session", async () => (await sniper.query(sleeping, [app.id])).length > 0);
      await sniper.query(`KILL QUERY ${app.id}`);
      assertEquals(codesOf(await sleep).errno, 1317);
      const isMariadb = server.flavor === "mariadb";
      await sniper.query(isMariadb ? "SHOW SLAVE STATUS" : "SHOW REPLICA STATUS");
      await sniper.query(isMariadb ? "SHOW MASTER STATUS" : "SHOW BINARY LOG STATUS");
      await sniper.query("SHOW ENGINE INNODB STATUS");
      if (!isMariadb) await sniper.query("SELECT * FROM performance_schema.threads LIMIT 1");
    }
  }],

  ["shows the app its own sessions only", async ({ primary }) => {
    await using app = await Client.connect(primary, ACCOUNTS.app);
    await using _other = await Client.connect(primary, ACCOUNTS.sniper);
    assertEquals(await seenBy(app), [app.id]);
    const error = await assertRejects(() => app.query("SELECT * FROM mysql.user"));
    assertEquals(codesOf(error).errno, 1142);
  }],

  ["brings a write to the replica", async (pair) => {
    await using app = await Client.connect(pair.primary, ACCOUNTS.app);
    await app.query("REPLACE INTO test.config VALUES ('written', 'yes')");
    await caughtUp(pair);
    await using reader = await Client.connect(pair.replica, ACCOUNTS.app);
    assertEquals(await reader.query("SELECT value FROM test.config WHERE name = 'written'"), [{
      value: "yes",
    }]);
  }],

  ["answers several statements at once", async ({ primary }) => {
    await using client = await Client.connect(primary, ACCOUNTS.app, { multipleStatements: true });
    const rows = await client.query("SELECT 1 AS n; SET @a = 2; SELECT @a AS n UNION ALL SELECT 3");
    assertEquals(rows.map(({ n }) => Number(n)), [1, 2, 3]);
    assertEquals(await client.query("UPDATE test.item SET stock = 7 WHERE id = 1"), []);
  }],

  ["tells a client that it was killed, and one that it was destroyed", async ({ primary }) => {
    await using root = await Client.connect(primary);
    const killed = await Client.connect(primary, ACCOUNTS.app);
    const lost = assertRejects(() => killed.query("SELECT SLEEP(60)"));
    await waitFor("the query to run", async () => (await seenBy(root)).includes(killed.id));
    await root.query(`KILL CONNECTION ${killed.id}`);
    await lost;
    await killed.close();
    const destroyed = await Client.connect(primary, ACCOUNTS.app);
    const given = assertRejects(() => destroyed.query("SELECT SLEEP(60)"));
    destroyed.destroy();
    assertEquals(codesOf(await given).code, "CLIENT_DESTROYED");
    await destroyed.close();
  }],

  ["pauses and resumes", async ({ replica }) => {
    await using client = await Client.connect(replica);
    replica.pause();
    const answer = client.query("SELECT 1 AS one");
    await assertRejects(() => waitFor("an answer", () => answer, { timeoutMs: 200 }), Error, "an answer");
    replica.resume();
    assertEquals(await answer, [{ one: 1 }]);
  }],

  ["restarts after a shutdown and after a kill", async (pair) => {
    for (const server of [pair.replica, pair.primary]) {
      await restart(server, () => server.stop());
      await restart(server, () => server.kill());
    }
    await using app = await Client.connect(pair.primary, ACCOUNTS.app);
    await app.query("REPLACE INTO test.config VALUES ('restarted', 'yes')");
    await caughtUp(pair);
  }],

  // The last one: nothing but the end of the pair may need to wake it.
  ["is paused when it ends", ({ primary }) => {
    primary.pause();
    return Promise.resolve();
  }],
];

Deno.test("what a server is, its version says", () => {
  const cases = [
    ["mysqld  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)", "mariadb"],
    ["/x/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))", "mysql"],
    ["/usr/sbin/mysqld  Ver 8.4.3 for Linux on x86_64 (MySQL Community Server - GPL)", "mysql"],
    ["mysqld: command not found", undefined],
  ] as const;
  for (const [text, flavor] of cases) assertEquals(parseVersion(text)?.flavor, flavor);
});

Deno.test("a machine without a server is told what to install", async () => {
  assertEquals(await findPrograms({ folders: ["/nonexistent"], cache: "/nonexistent" }), []);
  const { message } = new NoServerError();
  assertStringIncludes(message, "apt-get install mariadb-server");
  assertStringIncludes(message, "tests/lab/fetch mariadb");
});

Deno.test("waiting in vain names what was waited for", async () => {
  const never = () => new Promise<undefined>(() => {});
  await assertRejects(
    () => waitFor("Godot", never, { timeoutMs: 30 }),
    Error,
    "Waited in vain for Godot: 30 ms",
  );
  assertEquals(await availableFlavors(), await requireFlavors());
});

async function restart(server: LabServer, end: () => Promise<void>): Promise<void> {
  const { pid } = server;
  await end();
  assertEquals(server.pid, undefined);
  await assertRejects(() => Client.connect(server));
  await server.start();
  assert(server.pid !== pid);
  await using client = await Client.connect(server, ACCOUNTS.app);
  assertEquals((await client.query("SELECT COUNT(*) AS items FROM test.item"))[0]?.items, 5000);
}

async function seenBy(client: Client): Promise<readonly number[]> {
  const rows = await client.query("SELECT id FROM information_schema.processlist ORDER BY id");
  return rows.map((row) => Number(row.id ?? row.ID));
}

/** Starts `deno task lab`'s program, sends it a signal once it is up, and waits for everything to be gone. */
async function assertCleanedUp(flavor: Flavor, signal: Deno.Signal): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", MAIN, flavor],
    stdout: "piped",
  }).spawn();
  const folder = await folderIn(child.stdout);
  assert((await processesOf(folder)).length >= 2);
  child.kill(signal);
  const { code } = await child.status;
  if (signal !== "SIGKILL") assertEquals(code, 0);
  await gone(folder);
}

/** Runs a process that starts a pair and crashes, and waits for everything to be gone. */
async function assertSurvivesCrash(flavor: Flavor, code: string): Promise<void> {
  const module = new URL("../lab/mod.ts", import.meta.url);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `import { startPair } from "${module}"; const pair = await startPair("${flavor}");
       Deno.stdout.writeSync(new TextEncoder().encode(pair.folder)); ${code};`,
    ],
    cwd: ROOT,
  }).output();
  assertStringIncludes(new TextDecoder().decode(stderr), "a crash");
  const folder = new TextDecoder().decode(stdout);
  assertMatch(folder, /query-sniper-lab/);
  await gone(folder);
}

async function gone(folder: string): Promise<void> {
  await waitFor(`"${folder}" and its processes to be gone`, async () => {
    const isGone = await Deno.stat(folder).then(() => false, () => true);
    return isGone && (await processesOf(folder)).length === 0;
  });
}

/** Reads until all servers are up, and returns the folder of their sockets. */
async function folderIn(output: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let text = "";
  for await (const part of output.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("Ctrl-C")) break;
  }
  const folder = /socket (\S+)\/[^/\s]+\.sock/.exec(text)?.[1];
  assert(folder !== undefined, text);
  return folder;
}

async function processesOf(folder: string): Promise<readonly string[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-eww", "-o", "pid=,args="] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line.includes(folder));
}

function codesOf(error: Error): { errno: unknown; code: unknown } {
  return {
    errno: "errno" in error ? error.errno : undefined,
    code: "code" in error ? error.code : undefined,
  };
}
