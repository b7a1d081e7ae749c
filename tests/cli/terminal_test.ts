// Names that clients and servers choose stay on their line, and do nothing to the terminal, in every text form.

import { assert, assertEquals } from "@std/assert";
import { checkText } from "../../src/cli/commands/check/check_text.ts";
import { comparisonText } from "../../src/cli/commands/replay/comparison_text.ts";
import { explanationText } from "../../src/cli/commands/explain/explanation_text.ts";
import { junitXml } from "../../src/cli/commands/test/junit.ts";
import { rehearsalText } from "../../src/cli/commands/replay/rehearsal_text.ts";
import { textOf } from "../../src/cli/terminal.ts";
import { failedText } from "../../src/cli/commands/test/trial_text.ts";
import { Folder } from "../config/folder.ts";
import { ROOT, runProgram } from "../program.ts";
import { sourceFiles } from "../source_files.ts";

/** A new line, a title, a color, a C1 control, a turn of direction, a line separator, no width, half a pair. */
const EVIL = "x\n  orders: fine\u001b]0;title\u0007\u001b[31m\u009b1m\u202egnp\u2028\u200b\ud800";
const ACTS = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Every text form, each string in it being this one. */
function formsWith(text: string): Readonly<Record<string, readonly string[]>> {
  const because = [{ expression: text, left: text, right: `${text}!`, by: text }];
  const session = { id: 1, user: text, host: text, db: text, command: text, time_ms: 1 };
  const statement = { digest: text, digest_text: text, verb: text, tables: [text], tags: { [text]: text } };
  const gate = { policy: text, mode: text, action: text, state: "open", ready: true, because } as const;
  const verdict = { policy: text, selects: true, because, decision: "skip", reason: text } as const;
  const decision = {
    kind: "decision",
    at: `2026-11-20T10:00:00.123Z`,
    database: text,
    policy: text,
    mode: text,
    action: text,
    verdict: "would-kill",
    because,
    session,
    statement,
  } as const;
  const report = {
    kind: "summary",
    database: text,
    looks: 1,
    without_sessions: 0,
    from: text,
    to: text,
    policies: [{ policy: text, mode: text, action: text, open: 1, would_kill: 1, matched: 0, spared: 0 }],
    not_recorded: [{ policy: text, missing: [text] }],
  } as const;
  const [both, sides] = [{ only_old: 1, only_new: 1, both: 0 }, { old: report, new: report }];
  const failure = { at: 0, what: text, expected: [text], found: [text], why: [text] };
  return {
    explain: explanationText({
      at: text,
      database: text,
      flavor: text,
      version: text,
      mode: text,
      policies: [gate],
      blind: text,
      sessions: [{ session, statement, never: text, verdicts: [verdict] }],
    }, { everySession: true }),
    replay: rehearsalText(report, [decision]),
    comparison: comparisonText(
      { kind: "comparison", database: text, ...both, ...sides },
      [{
        kind: "difference",
        killed_by: "old",
        old: decision,
        not_killed: { why: text, because },
      }] as unknown as Parameters<typeof comparisonText>[1],
      { old: text, new: text },
    ),
    check: checkText([{ database: text, ok: false, unreachable: text }]),
    test: failedText(text, { name: text, failures: [failure] }),
    junit: junitXml([{ file: text, results: [{ name: text, failures: [failure] }] }]).trimEnd().split("\n"),
  };
}

Deno.test("names stay on their line and do nothing to the terminal in every text form", () => {
  const [evil, plain] = [formsWith(EVIL), formsWith("x")];
  for (const [form, lines] of Object.entries(evil)) {
    const written = textOf(lines).trimEnd().split("\n");
    assert(written.length > 1, form);
    assertEquals(written.length, plain[form]!.length, `${form}: as many lines as with plain names`);
    for (const line of written) assert(!ACTS.test(line), `${form}: ${JSON.stringify(line)}`);
    assert(written.join("").includes("x\\n  orders: fine\\u001b]0;title\\u0007"), form);
  }
});

Deno.test("no text form of the command line makes one text of its lines: only the writer does", async () => {
  const joining: string[] = [];
  for (const file of await sourceFiles("src/cli")) {
    if (/join\("\\n/.test(await Deno.readTextFile(`${ROOT}${file}`))) joining.push(file.split("/").at(-1)!);
  }
  // Scripts for shells, and XML, whose parts are escaped one by one.
  assertEquals(joining.toSorted(), [
    "completion_bash.ts",
    "completion_fish.ts",
    "completion_zsh.ts",
    "junit.ts",
    "terminal.ts",
  ]);
});

Deno.test("digests, and what is wrong with an argument, hold nothing that acts on the terminal", async () => {
  const sql = "SELECT `a\u001b[31m\n\u202eb`, x.`c\u{34f}d` FROM `t\u3164u` /*action='x\u009b1m'*/";
  const text = await runProgram(["digest", "--query", sql]);
  assertEquals(text.stdout, "SELECT ? , `x` . `c\\u034fd` FROM `t\\u3164u`\n");
  const json = await runProgram(["digest", "--format", "json", "--query", sql]);
  assert(!ACTS.test(json.stdout.trimEnd()) && !/[\u034f\u3164]/.test(json.stdout), json.stdout);
  assertEquals(JSON.parse(json.stdout).tables, ["t\u3164u"]);
  await using folder = await Folder.make({ "a\u001b[31m.yaml": "databases: []\n" });
  for (
    const args of [["test", "no\u001b[31m.yaml"], ["validate-config", "a\u001b[31m.yaml"], ["\u202ehelp"]]
  ) {
    const { stderr } = await runProgram(args, { cwd: folder.path });
    assert(stderr !== "", args[0]);
    for (const line of stderr.trimEnd().split("\n")) assert(!ACTS.test(line), JSON.stringify(line));
  }
});
