// Commands and options that people look for, and what there is today.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runProgram } from "../program.ts";

const ROWS: readonly (readonly [args: readonly string[], hint: string])[] = [
  [["status"], '"check" tells what could be done at each database'],
  [["reload"], "(SIGHUP makes the service read its configuration again)"],
  [["run", "--daemonize"], '("run" stays in the foreground, as systemd wants it)'],
  [["run", "--pid", "x"], "(there is no such file, systemd knows the process)"],
  [["run", "--log=x"], "(events go to standard output)"],
  [["run", "--interval", "5"], '(it stands in the configuration, under "interval")'],
  [["run", "--busy-time", "60"], '(conditions stand in the configuration, as a policy\'s "where")'],
  [["run", "--match-user=app"], '(conditions stand in the configuration, as a policy\'s "where")'],
  [["--kill-query"], '(what is done stands in the configuration, under "then" and "mode")'],
  [["once", "--host", "x"], '(addresses stand in the configuration, under "databases")'],
  [["check", "--user", "x"], "(accounts stand in the credentials file)"],
];

for (const [args, hint] of ROWS) {
  Deno.test(`${args.join(" ")}: what there is in its place`, async () => {
    const { code, stdout, stderr } = await runProgram(args);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr.split("\n")[0]!, hint);
    assert(!stderr.includes("did you mean"), stderr);
  });
}
