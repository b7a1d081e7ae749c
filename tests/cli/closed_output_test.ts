// What prints much ends quietly when its reader has read enough, and says so where it cannot print.

import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { fillJournal } from "../journal/filled.ts";
import { programCommand } from "../program.ts";

const COMMANDS = [
  ["history", "--since", "30d"],
  ["history", "--since", "30d", "--format", "csv"],
  ["report", "--since", "30d", "--format", "html"],
  ["journal", "export"],
];

/** What `sh` prints of a script in which `"$@"` is the program. */
async function inShell(script: string, args: readonly string[]): Promise<string> {
  const command = new Deno.Command("sh", { args: ["-c", script, "sh", ...programCommand(), ...args] });
  const { stdout, stderr } = await command.output();
  return [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
}

for (
  const [what, script, told] of [
    ["that is read no further", '{ "$@"; echo "code $?" >&2; } | true', "code 0\n"],
    [
      "for which there is no space",
      '"$@" >/dev/full; echo "code $?"',
      'code 1\nquery-sniper: the output cannot be written: "No space left on device (os error 28)"\n',
    ],
  ] as const
) {
  Deno.test(`an output ${what} needs no stack trace`, async () => {
    const folder = await Deno.makeTempDir();
    const file = join(folder, "j.sqlite");
    try {
      fillJournal(file, { to: Date.now(), days: 10, perDay: 300 });
      for (const command of COMMANDS) {
        assertEquals(await inShell(script, [...command, "--journal", file]), told, command.join(" "));
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
