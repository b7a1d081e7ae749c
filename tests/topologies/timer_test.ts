// The timer in config/deploy/, by systemd's own check.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { Folder } from "../config/folder.ts";
import { sample } from "../pages.ts";
import { ROOT } from "../program.ts";

const FOLDER = `${ROOT}config/deploy/systemd/`;

async function unit(name: string): Promise<string> {
  return await Deno.readTextFile(`${FOLDER}${name}`);
}

/** What a unit has, without its comments. */
function lines(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

Deno.test("systemd has nothing to say against the timer and what it starts", async () => {
  await using folder = await Folder.make({
    "query-sniper.timer": await unit("query-sniper.timer"),
    "query-sniper-once.service": (await unit("query-sniper-once.service"))
      .replaceAll("/usr/local/bin/query-sniper", "/bin/true"),
  });
  const { code, stdout, stderr } = await new Deno.Command("systemd-analyze", {
    args: [
      "verify",
      "--man=no",
      `${folder.path}/query-sniper.timer`,
      `${folder.path}/query-sniper-once.service`,
    ],
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  // A misspelt key is a warning, and no failure.
  assertEquals([code, text(stdout), text(stderr)], [0, "", ""]);
});

Deno.test("what the timer starts has the rights of the service, and looks as the crontab's line does", async () => {
  const [service, once] = await Promise.all(["query-sniper.service", "query-sniper-once.service"].map(unit));
  const rights = (text: string) =>
    lines(text.slice(text.indexOf("\nNoNewPrivileges="))).join("\n").split("[Install]")[0]!.trim();
  assert(rights(service!).includes("ProtectSystem=strict") && rights(service!).split("\n").length > 25);
  assertEquals(rights(once!), rights(service!));
  const shared = [
    "User=",
    "Group=",
    "StateDirectory=",
    "StateDirectoryMode=",
    "LimitNOFILE=",
    "EnvironmentFile=",
  ];
  for (const key of shared) {
    const of = (text: string) => lines(text).find((line) => line.startsWith(key));
    assert(of(once!) !== undefined && of(once!) === of(service!), key);
  }
  const command = (text: string) => /query-sniper (once .*?)(?: >>.*)?$/m.exec(text)![1]!;
  const cron = await Deno.readTextFile(`${ROOT}config/deploy/cron/query-sniper.cron`);
  assertEquals(command(once!), command(cron));
  assertEquals(parseCommandLine(command(once!).split(" ")).kind, "command");
  assertMatch(await unit("query-sniper.timer"), /^Unit=query-sniper-once\.service$/m);
});

Deno.test("docs/install.md installs both", async () => {
  const installs = sample("install-timer").trim().split("\n").filter((line) => line.startsWith("install "));
  assertEquals(installs.map((line) => line.split("/").at(-1)), [
    "query-sniper-once.service",
    "query-sniper.timer",
  ]);
  for (const line of installs) await Deno.stat(`${ROOT}${line.split(" ").at(-2)}`);
});
