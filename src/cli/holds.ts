import type { Clock } from "../clock.ts";
import type { Config } from "../config/mod.ts";
import { journalProblem } from "../journal/mod.ts";
import { printable } from "../text/control.ts";
import { quoted } from "../text/nearest.ts";
import { Pauses, reasonOf } from "../watch/mod.ts";

/**
 * Why nothing is killed from this host, whatever the state of the databases, and what to do about it; empty if nothing
 * holds kills back.
 */
export async function holdsOf(
  { journal, pause }: Pick<Config, "journal" | "pause">,
  clock: Clock,
): Promise<readonly string[]> {
  const problem = journal === undefined ? undefined : await journalProblem(journal);
  const paused = await pausedText(new Pauses(pause, { clock }));
  return [
    ...problem === undefined ? [] : [
      `the journal ${printable(journal!)} cannot be written, and without it nothing is killed: ${problem}: ` +
      "make its folder, give it to the account that runs the program, or name another place (journal, $STATE_DIRECTORY)",
    ],
    ...paused === undefined ? [] : [paused],
  ];
}

/**
 * Says that kills are paused, by which file, why, and what ends that; undefined if they are not.
 * @param database Absent: only what pauses all databases.
 */
export async function pausedText(pauses: Pauses, database?: string): Promise<string | undefined> {
  const state = await pauses.state();
  if (state.file !== undefined) {
    return `kills are paused by the file ${printable(pauses.file)}: ${
      quoted(state.file)
    }: remove it to go on`;
  }
  const list = printable(pauses.list);
  if (state.broken !== undefined) {
    return `kills are paused, as the list of pauses cannot be read: ${list}: correct it, or remove it to go on`;
  }
  const reason = reasonOf(state, database);
  return reason === undefined
    ? undefined
    : `kills are paused: ${quoted(reason)}: POST /api/v1/resume to go on, or remove it from ${list}`;
}
