import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { ACCOUNTS, Client, type LabPair, type LabServer } from "../lab/mod.ts";
import { type ProgramResult, runProgram, startProgram } from "../program.ts";
import {
  appClients,
  assertSpared,
  type ConfigText,
  linesOf,
  onEachFlavor,
  slowQuery,
  start,
  withLockInfo,
  writeConfig,
} from "../integration/fixture.ts";

const RULES = `
  limits: { lag: 10s }
  policies:
    - { name: long, when: threads_running > 1, for: 3s, where: "running and verb = 'select' and time > 0s", then: kill query }
    - { name: holders, where: "blocking > 0 and not waiting", then: kill connection }
    - { name: lagging, when: lag > limits.lag, where: "running and user = 'app'", then: kill query }
  protect: ["db = 'mysql'"]
`;

/** Runs a command on a configuration with the pair's databases. */
async function run(
  { primary, replica }: LabPair,
  args: readonly string[],
  config: Partial<ConfigText> = {},
): Promise<ProgramResult> {
  await using written = await writeConfig({ rules: RULES, databases: [primary, replica], ...config });
  return await runProgram([args[0]!, "-c", written.file, ...args.slice(1)]);
}

interface Explained {
  readonly database: string;
  readonly policies: readonly { readonly policy: string; readonly state: string; readonly ready: boolean }[];
  readonly sessions: readonly {
    readonly session: { readonly id: number };
    readonly statement?: { readonly digest_text: string };
    readonly never?: string;
    readonly verdicts: readonly {
      readonly policy: string;
      readonly selects: boolean | null;
      readonly decision?: string;
    }[];
  }[];
}

await onEachFlavor("explain and check", [
  ["explain tells of every session what each policy says, and kills nobody", async (pair) => {
    const { primary } = pair;
    await using _info = await withLockInfo(pair, primary);
    await using apps = await appClients(primary, 3);
    const [reader, writer, waiter] = apps.clients as [Client, Client, Client];
    await writer.query("CREATE TABLE explained (id INT PRIMARY KEY)");
    await writer.query("BEGIN");
    await writer.query("INSERT INTO explained VALUES (1)");
    const read = start(reader, slowQuery(60));
    const inserted = start(waiter, "INSERT INTO explained VALUES (1)");
    await systemClock.sleep(500); // until both have begun
    const { code, stdout, stderr } = await run(pair, [
      "explain",
      "--database",
      primary.name,
      "--format",
      "json",
    ]);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    const [explained] = linesOf({ stdout }).map((line) => JSON.parse(line) as Explained);
    assertEquals(
      explained!.policies.map(({ policy, state, ready }) => `${policy} ${state} ${ready}`),
      ["long open false", "holders open true", "lagging closed false"],
    );
    const verdictsOf = ({ id }: Client) =>
      explained!.sessions.find(({ session }) => session.id === id)!.verdicts
        .map(({ policy, selects, decision = "" }) => `${policy} ${selects} ${decision}`.trim());
    assertEquals(verdictsOf(reader), ["long true kill", "holders false", "lagging true"]);
    assertEquals(verdictsOf(writer), ["long false", "holders true kill", "lagging false"]);
    assertEquals(verdictsOf(waiter), ["long false", "holders false", "lagging true"]);
    assert(!stdout.includes("sesame"), "no literal is told");
    const text = await run(pair, ["explain", "--database", primary.name, "--session", String(writer.id)]);
    assertMatch(
      text.stdout,
      new RegExp(
        `session ${writer.id} of app@127.0.0.1 in test, idle for .*\n` +
          "    long: not selected\n      running: false\n      verb = 'select': ''\n" +
          "    holders: kill connection\n      blocking > 0: 1\n      not waiting\n",
      ),
    );
    await writer.query("ROLLBACK");
    await assertSpared(primary, read);
    assertEquals(await inserted.error, 0);
    await writer.query("DROP TABLE explained");
  }],
  ["explain --watch repeats: a gate is seen to become ready", async (pair) => {
    await using apps = await appClients(pair.primary, 1);
    const running = start(apps.clients[0]!, slowQuery(60));
    await using written = await writeConfig({
      rules: RULES.replace("for: 3s", "for: 1s"),
      databases: [pair.primary],
    });
    await using program = startProgram(["explain", "-c", written.file, "--watch", "--format", "json"]);
    await program.line(
      "the gate is ready",
      (line) => (JSON.parse(line) as Explained).policies[0]!.ready,
    );
    const { code, stderr } = await program.stop();
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    await assertSpared(pair.primary, running);
  }],
  ["explain says what is wrong with what was asked for", async (pair) => {
    const database = await run(pair, ["explain", "--database", "primry"]);
    assertEquals(database.code, 2);
    assertMatch(
      database.stderr,
      /^query-sniper: no database has this name: "primry"/,
    );
    const session = await run(pair, ["explain", "--session", "x"]);
    assertEquals(session.code, 2);
    assertStringIncludes(session.stderr, '--session is an id as the process list shows it: "x"');
    const absent = await run(pair, ["explain", "--database", pair.primary.name, "--session", "999999"]);
    assertEquals([absent.code, absent.stderr], [
      1,
      `${pair.primary.name}: no session of a client has this id: 999999\n`,
    ]);
    await using client = await Client.connect(pair.primary, ACCOUNTS.app);
    const onOne = await run(pair, ["explain", "--session", String(client.id)]);
    assertEquals(onOne.code, 0, "one of the two servers has it");
  }],
  ["check advises no GRANT on a performance schema that is off", async (pair) => {
    await using root = await Client.connect(pair.primary);
    await root.query("CREATE USER bare@'%' IDENTIFIED BY 'bare'");
    await root.query("GRANT PROCESS, SLAVE MONITOR ON *.* TO bare@'%'");
    const rules = "policies: [{ name: p, where: program = 'cron', then: log }]";
    const account = { user: "bare", password: "bare" };
    const { stdout } = await run(pair, ["check"], { rules, account, databases: [pair.primary] });
    await root.query("DROP USER bare@'%'");
    assert(!stdout.includes("GRANT SELECT ON performance_schema"), stdout);
    assertStringIncludes(
      stdout,
      "p cannot see what clients say of themselves, missing the performance schema: turn on performance_schema\n",
    );
  }, "mariadb"],
  ["check: a table of both servers, and a proof of a kill", async (pair) => {
    await using _primary = await withLockInfo(pair, pair.primary);
    await using _replica = await withLockInfo(pair, pair.replica);
    const { code, stdout, stderr } = await run(pair, ["check"]);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    const [head, primary, replica, ...rest] = linesOf({ stdout });
    assertMatch(head!, /^DATABASE +SERVER +TLS +MODE +ROLE +FOLLOWS +LAG BY +DIGEST +KILL +PROOF +POLICIES$/);
    // Of the two only MySQL makes itself a certificate.
    const tls = pair.flavor === "mysql" ? "TLSv1\\.3 \\w+" : "none";
    assertMatch(
      primary!,
      new RegExp(`^${pair.primary.name} .* ${tls} +enforce +writable +- +- .* ms +3 can work$`),
    );
    assertMatch(
      replica!,
      new RegExp(`^${pair.replica.name} .* replica +127.0.0.1:${pair.primary.port} .* ms +3 can work$`),
    );
    const isShielding = ({ name }: LabServer) =>
      `${name}: whose account has SYSTEM_USER, so that a kill would be refused, is not known: ` +
      "GRANT SELECT ON mysql.global_grants TO 'sniper'@'%'";
    const isOfDefiners = ({ name }: LabServer) =>
      `${name}: long, holders, lagging cannot tell whose a session is, and what it runs, inside of a stored routine, ` +
      "missing the performance schema: turn on performance_schema, with its instruments statement/% and its " +
      "consumer events_statements_current";
    const finding = pair.flavor === "mysql" ? isShielding : isOfDefiners;
    assertEquals(rest, ["", finding(pair.primary), finding(pair.replica)]);
  }],
  ["check names what is missing, with the statement that helps", async (pair) => {
    const { primary, flavor } = pair;
    await using root = await Client.connect(primary);
    const account = { user: "poor", password: "poor" };
    await root.query("CREATE USER poor@'%' IDENTIFIED BY 'poor'");
    for (const privilege of ["PROCESS", flavor === "mariadb" ? "SLAVE MONITOR" : "REPLICATION CLIENT"]) {
      await root.query(`GRANT ${privilege} ON *.* TO poor@'%'`);
    }
    await root.query("GRANT SELECT ON performance_schema.* TO poor@'%'");
    if (flavor === "mariadb") await root.query("GRANT SELECT ON mysql.proc TO poor@'%'");
    const rules = RULES.replace("blocking > 0 and not waiting", "running");
    const databases = [primary, "{ name: nobody, host: 127.0.0.1, port: 1 }"];
    const { code, stdout } = await run(pair, ["check"], { rules, databases, account });
    assertEquals(code, 1);
    const word = flavor === "mariadb" ? "CONNECTION ADMIN" : "CONNECTION_ADMIN";
    assertStringIncludes(
      stdout,
      `\n${primary.name}: long, holders, lagging cannot kill the statements of others, missing ${word}: ` +
        `GRANT ${word} ON *.* TO 'poor'@'%'\n`,
    );
    assertStringIncludes(
      stdout,
      "\nnobody: nothing listens there: check host and port, and that the server runs\n",
    );
    assertMatch(stdout, / ms +3 of 3 cannot\n/);
    // What only arming takes is no error in a dry run.
    const rehearsal = await run(pair, ["check"], {
      mode: "dry-run",
      rules,
      databases: [primary],
      account,
    });
    assertEquals([
      rehearsal.code,
      /once it is armed, long, holders, lagging cannot kill/.test(rehearsal.stdout),
    ], [0, true]);
    await root.query("DROP USER poor@'%'");
  }],
]);
