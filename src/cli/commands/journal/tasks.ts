import type { Clock } from "../../../clock.ts";
import type { Retention } from "../../../config/mod.ts";
import {
  canShrink,
  compactJournal,
  exportDecisions,
  fileBytes,
  type Inspection,
  inspectJournal,
  JournalReader,
  openForUpkeep,
  Purge,
  usedBytes,
} from "../../../journal/mod.ts";
import { printable } from "../../../text/control.ts";
import { quoted } from "../../../text/nearest.ts";
import type { Invocation, Terminal } from "../../invocation.ts";
import { newOutput } from "../../output.ts";
import { UsageError } from "../../usage_error.ts";

/** What a task is given. */
export interface TaskOptions {
  /** The journal. */
  readonly file: string;
  readonly retention: Retention;
  readonly invocation: Invocation;
  readonly terminal: Terminal;
  readonly clock: Clock;
}

/**
 * Does something with a journal. Returns the exit code.
 * @throws {JournalError} With the file.
 * @throws {Error} SQLite's, while it writes.
 */
export type Task = (options: TaskOptions) => number | Promise<number>;

/** `journal check`: reads all of it, and tells what is wrong. */
export function checkJournal({ file, invocation, terminal }: TaskOptions): number {
  using journal = JournalReader.open(file);
  const found = inspectJournal(journal);
  terminal.print(
    ...invocation.options.get("format") === "json"
      ? [JSON.stringify({ file, ...found })]
      : checkText(file, found),
  );
  return found.problems.length === 0 ? 0 : 1;
}

function checkText(file: string, found: Inspection): readonly string[] {
  const { version, used, size, decisions, first, last, unfinished, looks, problems } = found;
  const span = first === null ? "" : `, ${minute(first)} to ${minute(last!)}`;
  return [
    `${file}: version ${version}, ${mebibytes(used)} of data in ${mebibytes(size)}`,
    `  ${decisions} decisions${span}; without an outcome: ${unfinished}; looks: ${looks}`,
    ...problems.length === 0 ? ["  sound"] : problems.map((problem) => `  ${problem}`),
  ];
}

function minute(time: string): string {
  return `${time.slice(0, 16)}Z`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** `journal compact`: gives free space back. */
export async function compact({ file, terminal, clock }: TaskOptions): Promise<number> {
  using opened = openForUpkeep(file);
  const { database: journal } = opened;
  const before = fileBytes(journal);
  for (const _ of compactJournal(journal, clock.wall())) await clock.sleep(STEP_REST);
  const now = `${mebibytes(before)} before, ${mebibytes(fileBytes(journal))} now`;
  const kept = "; it began as version 1, and cannot become smaller: its free space is used again";
  terminal.print(`${file}: ${now}${canShrink(journal) ? "" : kept}`);
  return 0;
}

/** The rest between two steps, in which a program that runs beside this one writes its kills, in milliseconds. */
const STEP_REST = 10;

/** `journal prune`: deletes what is older than it keeps, in small steps. */
export async function prune({ file, retention, terminal, clock }: TaskOptions): Promise<number> {
  using opened = openForUpkeep(file);
  const { database: journal } = opened;
  const before = usedBytes(journal);
  const purge = new Purge(retention, () => clock.now());
  while (purge.step(journal, clock.wall())) await clock.sleep(STEP_REST);
  const after = usedBytes(journal);
  terminal.print(
    `${file}: ${mebibytes(before)} of data before, ${mebibytes(after)} now; the free space is used again`,
  );
  return 0;
}

/** `journal export`: JSON Lines, an object a decision. */
export async function exportJournal({ file, invocation, clock }: TaskOptions): Promise<number> {
  const after = afterOf(invocation);
  using journal = JournalReader.open(file);
  const output = newOutput(Deno.stdout);
  for (const decision of exportDecisions(journal, { after, now: clock.wall() })) {
    output.push(`${printable(JSON.stringify(decision))}\n`);
    if (output.isFull()) await output.flush();
  }
  await output.flush();
  return 0;
}

function afterOf({ options }: Invocation): number {
  const text = options.get("after") ?? "0";
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`--after is the id of a decision, a whole number: ${quoted(text)}`);
}
