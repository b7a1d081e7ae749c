// The README's walk from nothing to an armed policy, typed as it stands there.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { Folder } from "../config/folder.ts";
import { type Account, ACCOUNTS, Client, type LabServer, requireFlavors, startPair } from "../lab/mod.ts";
import { runProgram, startProgram } from "../program.ts";
import { page } from "../pages.ts";
import { INTERRUPTED, start } from "../integration/fixture.ts";

/** What a line has the client program send, and as whom; its root has the password of the lab's. */
function clientLine(line: string | undefined): { readonly account: Account; readonly sql: string } {
  const found = /^mysql (?:-h 127\.0\.0\.1 )?-u (\w+) -p(\w*) -e "(.*)"$/.exec(line ?? "");
  assert(found !== null, line);
  const [, user, password, sql] = found as unknown as [string, string, string, string];
  return { account: { user, password: password || ACCOUNTS.root.password }, sql };
}

const PASSWORD = "four words of mine";

/** The commands of the section, without their comments. */
function commands(): readonly string[] {
  const [, section = ""] = /^## Ten minutes.*?$(.*?)^## /ms.exec(page("README.md")) ?? [];
  const blocks = [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block!);
  return blocks.flatMap((block) => block.trim().split("\n")).map((line) => line.replace(/ +#.*/, ""));
}

/** Replaces a text that a file has to have. */
async function edit(file: string, before: string | RegExp, after: string): Promise<void> {
  const text = await Deno.readTextFile(file);
  const edited = text.replace(before, after);
  assert(edited !== text, `${file} has ${before}`);
  await Deno.writeTextFile(file, edited);
}

/** What the client program does with a file: it skips comments, and sends one statement after the other. */
async function send(server: LabServer, text: string): Promise<void> {
  await using root = await Client.connect(server);
  const sql = text.replaceAll(/^--.*$/gm, "");
  for (const statement of sql.split(";").map((each) => each.trim())) {
    if (statement !== "") await root.query(statement);
  }
}

Deno.test("the README's ten minutes lead to an armed policy", async () => {
  const flavor = (await requireFlavors()).at(-1)!;
  await using pair = await startPair(flavor, { alone: true });
  const { primary } = pair;
  await using folder = await Folder.make({});
  const cwd = join(folder.path, "sniper");
  const type = async (line: string | undefined, expected: string) => {
    assertEquals(line, `query-sniper ${expected}`);
    const words = expected.replace(/ > .*/, "").replace("--flavor mysql", `--flavor ${flavor}`).split(" ");
    return await runProgram(words, { cwd });
  };
  const [init, validate, test, grants, mysql, trial, check, slow, explain, run, ...armedLines] = commands();
  const [checkAgain, runAgain, ...rest] = armedLines;
  assertEquals(rest, []);

  assertEquals(init, "query-sniper init sniper && cd sniper");
  const { code, stdout } = await runProgram(["init", "sniper"], { cwd: folder.path });
  assertEquals(code, 0);
  assertStringIncludes(stdout, "Then type:");
  const [config, credentials, sql] = ["query-sniper.yaml", "credentials.yaml", "grants.sql"].map((name) =>
    join(cwd, name)
  ) as [string, string, string];
  await edit(config, "port: 3306", `port: ${primary.port}`);
  await edit(credentials, "change me", PASSWORD);

  assertStringIncludes((await type(validate, "validate-config")).stdout, "query-sniper.yaml: valid\n");
  assertEquals((await type(test, "test tests.yaml")).stdout, "1 passed, 0 failed\n");
  await Deno.writeTextFile(sql, (await type(grants, "grants --flavor mysql > grants.sql")).stdout);
  await edit(sql, "-- CREATE USER", "CREATE USER");
  await edit(sql, "…", PASSWORD);
  assertEquals(mysql, "mysql -u root -p < grants.sql");
  await send(primary, "DROP USER 'sniper'@'%'"); // the lab's own
  await send(primary, await Deno.readTextFile(sql));
  await send(primary, clientLine(trial).sql);
  const checked = await type(check, "check");
  assertEquals([checked.code, checked.stderr], [0, ""]);
  assertMatch(checked.stdout, / ms +1 can work\n/);

  await edit(config, /^ {4}when: .*$/m, "    when: always");
  const { account, sql: statement } = clientLine(slow);
  assertEquals(account.user, "trial", "an ordinary account");
  await using client = await Client.connect(primary, account);
  const victim = start(client, statement);
  await new Promise((resolve) => setTimeout(resolve, 10_500));
  assertMatch((await type(explain, "explain")).stdout, /long-reads: would kill query\n/);
  assertEquals(run, "query-sniper run");
  await using rehearsal = startProgram(["run", "--log-format", "json"], { cwd });
  await rehearsal.event("what it would kill", ({ outcome }) => outcome === "would-kill");
  assertEquals((await rehearsal.stop("SIGINT")).code, 0);

  await edit(config, "mode: dry-run", "mode: enforce");
  await edit(sql, /^-- (?=GRANT CONNECTION.ADMIN )/m, "");
  await send(primary, await Deno.readTextFile(sql));
  assertEquals((await type(checkAgain, "check")).code, 0);
  assertEquals(runAgain, "query-sniper run");
  await using armed = startProgram(["run", "--log-format", "json"], { cwd });
  await armed.event("the kill", ({ outcome }) => outcome === "killed");
  assertEquals((await armed.stop("SIGINT")).code, 0);
  assertEquals(await victim.error, INTERRUPTED);
});
