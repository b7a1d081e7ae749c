// Keys that people look for under another name, or in another place.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Folder, problemsOf } from "./folder.ts";
import { runProgram } from "../program.ts";

const ONE = "databases: [{ name: a, host: h }]\n";
const POLICY = "name: p, where: running, then: log";

async function firstProblem(yaml: string): Promise<string> {
  const [problem = "none"] = await problemsOf({ "query-sniper.yaml": yaml });
  return problem.replace("query-sniper.yaml:", "");
}

Deno.test("keys of other tools lead to those of this one", async () => {
  const disables =
    '("off" in place of a policy disables it for a group or database, and "mode: dry-run" lets it rehearse)';
  const rows: readonly (readonly [yaml: string, problem: string])[] = [
    [`dry_run: true\n${ONE}`, '1:1: dry_run: unknown key: "dry_run" (write "mode": dry-run is the default)'],
    [
      `policies: [{ ${POLICY}, enabled: false }]\n${ONE}`,
      `1:50: policies[0].enabled: unknown key: "enabled" ${disables}`,
    ],
    [
      `policies: [{ ${POLICY}, schedule: 10-12 }]\n${ONE}`,
      '1:50: policies[0].schedule: unknown key: "schedule" (the hours of a policy stand under "during")',
    ],
    [
      `policies: [{ ${POLICY}, victims: 5 }]\n${ONE}`,
      "1:59: policies[0].victims: expected a mapping of keys, such as { limit: 5 }: found a text",
    ],
    [`user: x\n${ONE}`, '1:1: user: unknown key: "user" (accounts stand in the credentials file)'],
    [
      "databases: [{ name: a, host: h, password: hunter2 }]\n",
      '1:33: databases[0].password: unknown key: "password" (passwords stand in the credentials file)',
    ],
    [
      `daemonize: true\n${ONE}`,
      '1:1: daemonize: unknown key: "daemonize" (`query-sniper run` stays in the foreground, as systemd wants it)',
    ],
    [
      `pid: /run/x.pid\n${ONE}`,
      '1:1: pid: unknown key: "pid" (`query-sniper run` writes no such file, systemd knows its process)',
    ],
    [
      `log: /var/log/x\n${ONE}`,
      "1:6: log: expected a mapping of keys, such as { sql: digest }, and events go to standard output: found a text",
    ],
    [
      `databases:\n  - &a { name: a, host: h }\n  - { <<: *a, name: b, host: i }\n`,
      '3:7: databases[1].<<: unknown key: "<<" (keys are not merged, write them where they belong, or under a group)',
    ],
    [
      `policies:\n  - { name: p, where: user in ('a', 'b'), then: log }\n${ONE}`,
      '2:35: this is not YAML: "," within { } ends a value: put the whole expression in double quotes, or write it after ">-"',
    ],
  ];
  for (const [yaml, problem] of rows) assertEquals(await firstProblem(yaml), problem);
  const bare = await problemsOf({
    "query-sniper.yaml": `policies: [{ name: p, where: id in (1, 2), then: log }]\n${ONE}`,
  });
  assertStringIncludes(
    bare.join("\n"),
    '("," within { } ends a value: put the whole expression in double quotes)',
  );
});

Deno.test("a file in UTF-16 is told as such", async () => {
  const units = (text: string, littleEndian: boolean) => {
    const bytes = new Uint8Array(2 * text.length);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < text.length; at++) view.setUint16(2 * at, text.charCodeAt(at), littleEndian);
    return bytes;
  };
  await using folder = await Folder.make({ "query-sniper.yaml": ONE });
  for (const text of [ONE, `\ufeff${ONE}`]) {
    for (const littleEndian of [true, false]) {
      await Deno.writeFile(folder.file("query-sniper.yaml"), units(text, littleEndian));
      const { code, stderr } = await runProgram(["validate-config"], { cwd: folder.path });
      assertEquals([code, stderr], [2, "query-sniper.yaml: this file is in UTF-16: save it as UTF-8\n"]);
    }
  }
  await Deno.writeTextFile(folder.file("query-sniper.yaml"), `\ufeff${ONE}`);
  assertEquals((await runProgram(["validate-config"], { cwd: folder.path })).code, 0);
});
