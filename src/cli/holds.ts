import type { Clock } from "../clock.ts";
import type { Config } from "../config/mod.ts";
import { journalProblem } from "../journal/mod.ts";
import { printable } from "../text/control.ts";
import { quoted } from "../text/nearest.ts";
import { PauseFile } from "../watch/mod.ts";

/**
 * Why nothing is killed from this host, whatever the state of the databases, and what to do about it; empty if nothing
 * holds kills back.
 */
export async function holdsOf(
  { journal, pause }: Pick<Config, "journal" | "pause">,
  clock: Clock,
): Promise<readonly string[]> {
  const problem = journal === undefined ? undefined : await journalProblem(journal);
  const paused = await pauseText(pause, clock);
  return [
    ...problem === undefined ? [] : [
      `the journal ${printable(journal!)} cannot be written, and without it nothing is killed: ${problem}: ` +
      "make its folder, give it to the account that runs the program, or name another place (journal, $STATE_DIRECTORY)",
    ],
    ...paused === undefined ? [] : [paused],
  ];
}

/** Says that kills are paused, by which file, and why; undefined if they are not. */
export async function pauseText(file: string, clock: Clock): Promise<string | undefined> {
  const reason = await new PauseFile(file).reason(clock.now());
  return reason === undefined
    ? undefined
    : `kills are paused by the file ${printable(file)}: ${quoted(reason)}: remove it to go on`;
}
