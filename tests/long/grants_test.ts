import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import {
  type Account,
  ACCOUNTS,
  Client,
  type Flavor,
  type LabServer,
  requireFlavors,
  startPair,
} from "../lab/mod.ts";
import { type LoggedEvent, runProgram } from "../program.ts";
import { type ConfigText, linesOf, runOnce, slowQuery, writeConfig } from "../integration/fixture.ts";

/** A configuration, and what it comes to where everything is granted. */
interface Case {
  readonly name: string;
  readonly config: Pick<ConfigText, "rules" | "mode">;
  /** What the event of the one session that it selects says. */
  readonly outcome: string;
  /** What the statements grant, by flavor. */
  readonly grants: Readonly<Record<Flavor, readonly string[]>>;
}

const OBSERVE = {
  mysql: ["SELECT ON performance_schema.*", "PROCESS ON *.*"],
  mariadb: ["PROCESS ON *.*", "SELECT ON performance_schema.*", "SELECT ON mysql.proc"],
};
const KILL = { mysql: ["CONNECTION_ADMIN ON *.*"], mariadb: ["CONNECTION ADMIN ON *.*"] };
const WHERE = "where: \"user = 'app' and time > 300ms";

const CASES: readonly Case[] = [
  {
    name: "everything that there is to read",
    config: {
      rules: `
        heartbeat: test.heartbeat
        policies:
          - name: all
            when: lag is known and hll is known and oldest_transaction is known and metadata_lock_waits is known
            ${WHERE} and program != 'cron' and blocking = 0 and rows_modified = 0 and not pins_purge is unknown"
            then: kill query
            settle: 1s`,
    },
    outcome: "killed",
    grants: {
      mysql: [
        "SELECT ON performance_schema.*",
        "PROCESS ON *.*",
        "REPLICATION CLIENT ON *.*",
        "SELECT ON `test`.`heartbeat`",
        ...KILL.mysql,
      ],
      mariadb: [
        ...OBSERVE.mariadb,
        "SLAVE MONITOR ON *.*",
        "SELECT ON `test`.`heartbeat`",
        ...KILL.mariadb,
      ],
    },
  },
  {
    name: "kills, and nothing else",
    config: { rules: `policies: [{ name: p, ${WHERE}", then: kill query, rollback: any }]` },
    outcome: "killed",
    grants: {
      mysql: [...OBSERVE.mysql, ...KILL.mysql],
      mariadb: [...OBSERVE.mariadb, ...KILL.mariadb],
    },
  },
  {
    name: "a rehearsal",
    config: { rules: `policies: [{ name: p, ${WHERE}", then: kill query }]`, mode: "dry-run" },
    outcome: "would-kill",
    grants: OBSERVE,
  },
  {
    name: "a policy in the shadow",
    config: { rules: `policies: [{ name: p, ${WHERE}", then: kill query, mode: dry-run }]` },
    outcome: "would-kill",
    grants: OBSERVE,
  },
  {
    name: "a log of statements",
    config: { rules: `policies: [{ name: p, ${WHERE} and sql like '%sleep%'", then: log }]` },
    outcome: "match",
    grants: OBSERVE,
  },
  {
    name: "a log",
    config: { rules: `policies: [{ name: p, ${WHERE}", then: log }]` },
    outcome: "match",
    grants: { mysql: ["SELECT ON performance_schema.*"], mariadb: OBSERVE.mariadb },
  },
];

/** The statements that `grants` prints for a case, without its comments. */
async function statementsFor(test: Case, { flavor, server, user }: Place): Promise<readonly string[]> {
  await using written = await writeConfig({
    ...test.config,
    databases: [server],
    account: accountNamed(user),
  });
  const { code, stdout, stderr } = await runProgram(["grants", "-c", written.file, "--flavor", flavor]);
  assertEquals([code, stderr], [0, ""]);
  const commented = stdout.match(/^-- (CREATE USER .*;)$/m)?.[1]?.replace("…", user);
  assert(commented !== undefined, stdout);
  const sql = [commented, ...stdout.split("\n").filter((line) => !line.startsWith("--"))].join("\n");
  return sql.split(";").map((statement) => statement.trim()).filter((statement) => statement !== "");
}

interface Place {
  readonly flavor: Flavor;
  readonly server: LabServer;
  readonly user: string;
}

function accountNamed(user: string): Account {
  return { user, password: user };
}

/** What `once` says with an account that has just these statements' rights. */
async function eventsWith(
  test: Case,
  { server, user }: Place,
  { root, statements }: { readonly root: Client; readonly statements: readonly string[] },
): Promise<readonly LoggedEvent[]> {
  // Whoever gives them again, after a change of the policies, is not stopped by what is there already.
  for (const statement of [...statements, ...statements]) await root.query(statement);
  const result = await runOnce({ ...test.config, databases: [server], account: accountNamed(user) });
  await root.query(`DROP USER '${user}'@'%'`);
  return linesOf(result).map((line) => JSON.parse(line) as LoggedEvent);
}

/** The remedies that `check` names where one of the privileges is not there. */
async function remediesWithout(
  test: Case,
  { missing, server, user }: Place & { readonly missing: string },
  { root, statements }: { readonly root: Client; readonly statements: readonly string[] },
): Promise<readonly unknown[]> {
  for (const statement of statements) {
    if (!statement.includes(`GRANT ${missing} TO`)) await root.query(statement.replaceAll("granted", user));
  }
  await using written = await writeConfig({
    ...test.config,
    databases: [server],
    account: accountNamed(user),
  });
  const { code, stdout } = await runProgram(["check", "-c", written.file, "--format", "json"]);
  await root.query(`DROP USER '${user}'@'%'`);
  const { policies } = JSON.parse(stdout) as {
    policies: readonly { readonly problems: readonly string[] }[];
  };
  assertEquals(code, 1, stdout);
  const remedies = policies[0]!.problems.flatMap((problem) => problem.match(/(?<=: )GRANT .*$/)?.[0] ?? []);
  return [...new Set(remedies)];
}

async function testCase(test: Case, { flavor, server }: Omit<Place, "user">, root: Client): Promise<void> {
  const granted = { flavor, server, user: "granted" };
  const statements = await statementsFor(test, granted);
  assertEquals(
    statements.slice(1),
    test.grants[flavor].map((grant) => `GRANT ${grant} TO 'granted'@'%'`),
  );
  await using app = await Client.connect(server, ACCOUNTS.app);
  const victim = app.query(slowQuery(20)).catch(() => {});
  await systemClock.sleep(400);
  const events = await eventsWith(test, granted, { root, statements });
  assertEquals(events.filter(({ event }) => event === "privilege"), []);
  assertEquals(
    events.filter(({ event }) => event === "kill" || event === "match").map(({ event, outcome }) =>
      outcome ?? event
    ),
    [test.outcome],
  );
  await root.query(`KILL QUERY ${app.id}`).catch(() => {});
  await victim;
  // The lab's MariaDB has its performance schema on, in place of which the other is.
  const needed = test.grants[flavor].filter((grant) => grant !== "SELECT ON mysql.proc");
  const found = await Promise.all(needed.map(async (missing, index) => {
    const user = `without_${index}`;
    return [
      missing,
      await remediesWithout(test, { flavor, server, user, missing }, { root, statements }),
    ] as const;
  }));
  for (const [index, [missing, remedies]] of found.entries()) {
    assertEquals(remedies, [`GRANT ${missing} TO 'without_${index}'@'%'`], `without ${missing}`);
  }
}

for (const flavor of await requireFlavors()) {
  Deno.test(`What grants prints is enough on ${flavor}, and each of it is needed`, async (t) => {
    const serverArguments = flavor === "mariadb" ? ["--performance-schema=ON"] : [];
    await using pair = await startPair(flavor, { serverArguments, alone: true });
    await using root = await Client.connect(pair.primary);
    await root.query("CREATE TABLE test.heartbeat (server_id INT PRIMARY KEY, ts DATETIME(6))");
    if (flavor === "mariadb") await root.query("INSTALL SONAME 'metadata_lock_info'");
    for (const test of CASES) {
      await t.step(test.name, () => testCase(test, { flavor, server: pair.primary }, root));
    }
  });
}
