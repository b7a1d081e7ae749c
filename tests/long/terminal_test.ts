// What clients say of themselves reaches a terminal only escaped: in explain, replay, record, and the log.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { systemClock } from "../../src/clock.ts";
import { Client } from "../lab/mod.ts";
import { runProgram, startProgram } from "../program.ts";
import { onEachFlavor, start, writeConfig } from "../integration/fixture.ts";

/** Escape sequences, a title, C1, a turn of direction, lines that were never written, and what has no width. */
const NAME = "e\u001b[2J\u009b1m\u202evil\n x";
const PROGRAM = "p\u001b]0;owned\u0007\n  session 1 of root@localhost\u2028\u200b\u2066";
const SHOWN_PROGRAM = "'p\\u001b]0;owned\\u0007\\n  session 1 of root@localhost\\u2028\\u200b\\u2066'";
const SHOWN = "e\\u001b[2J\\u009b1m\\u202evil\\n x";

const RULES = `
  tags: [action]
  policies:
    - { name: seen, where: "running and (program != '' or attribute.note = 'x' or tag.action = 'x')", then: log }
    - { name: mine, where: "running and user like 'e%' and db like 'e%' and tag.action like 't%'", then: kill query }
`;

await onEachFlavor("Terminals", [
  ["what a client says of itself comes out escaped, in every text form", async ({ primary, flavor }) => {
    await using root = await Client.connect(primary);
    const quoted = "`" + NAME + "`";
    await root.query(`CREATE DATABASE ${quoted}`);
    await root.query(`CREATE USER ${quoted}@'%' IDENTIFIED BY 'app'`);
    await root.query(`GRANT ALL ON ${quoted}.* TO ${quoted}@'%'`);
    try {
      await using client = await Client.connect(primary, { user: NAME, password: "app" }, {
        database: NAME,
        connectAttributes: { program_name: PROGRAM, note: `n\u001b[8m\u0085${PROGRAM}` },
      });
      const running = start(client, "SELECT SLEEP(60) /*action='t%1B]0;x%0A%E2%80%AEy'*/");
      await systemClock.sleep(500);
      await using config = await writeConfig({ mode: "dry-run", rules: RULES, databases: [primary] });
      const all = await runProgram(["explain", "-c", config.file]);
      const one = await runProgram(["explain", "-c", config.file, "--session", String(client.id)]);
      for (const { stdout } of [all, one]) {
        assertStringIncludes(stdout, `session ${client.id} of ${SHOWN}@`);
        assertStringIncludes(stdout, ` in ${SHOWN}, running`);
        // Without its performance schema MariaDB shows no attributes.
        if (flavor === "mysql") assertStringIncludes(stdout, SHOWN_PROGRAM);
        assertStringIncludes(stdout, "tag.action like 't%': 't\\u001b]0;x\\n\\u202ey'");
        assertStringIncludes(stdout, "mine: would kill query");
      }
      const file = join(config.folder, "recording.jsonl.gz");
      const recorded = await runProgram(["record", "-c", config.file, "--output", file, "--for", "2s"]);
      const replayed = await runProgram(["replay", "-c", config.file, file]);
      assertStringIncludes(replayed.stdout, `  ${client.id}`);
      assertStringIncludes(replayed.stdout, SHOWN);
      await using log = startProgram(["run", "-c", config.file, "--log-format", "pretty"]);
      await log.line("the decision", (line) => line.includes(`would kill query session ${client.id}`));
      const logged = await log.stop();
      const json = await runProgram(["once", "-c", config.file, "--max-time", "5s"]);
      assertStringIncludes(json.stdout, '"user":"e\\u001b[2J\\u009b1m\\u202evil\\n x"');
      for (const { stdout, stderr } of [all, one, recorded, replayed, logged, json]) {
        assertSafe(stdout + stderr);
      }
      await root.query(`KILL QUERY ${client.id}`);
      await running.error;
    } finally {
      await root.query(`DROP USER ${quoted}@'%'`);
      await root.query(`DROP DATABASE ${quoted}`);
    }
  }],

  ["what a server answers comes out escaped, too", async ({ primary }) => {
    await using config = await writeConfig({
      mode: "dry-run",
      rules:
        `metrics: { odd: { sql: "SELECT \`x\\e[31m\\n\\u202e\`" } }\npolicies: [{ name: a, when: metric.odd > 1, where: running, then: log }]`,
      databases: [primary],
    });
    const { stdout, stderr } = await runProgram(["explain", "-c", config.file]);
    assertSafe(stdout + stderr);
    assertStringIncludes(stdout, "metric.odd > 1: unknown: ");
  }],
], { alone: true });

function assertSafe(text: string): void {
  const lines = text.trimEnd().split("\n");
  assert(lines.length > 1);
  for (const line of lines) {
    assertEquals(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(line), false, JSON.stringify(line));
    assert(!/^ *(?:x|session 1 of root)/.test(line), `a line that a client made up: ${line}`);
  }
}
