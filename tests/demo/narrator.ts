import { bold, cyan, dim, green, red, setColorEnabled, yellow } from "@std/fmt/colors";
import { needMeaning } from "../../src/mysql/mod.ts";
import { describe, type PublicEvent } from "../../src/events/mod.ts";
import type { Clause } from "../../src/language/mod.ts";
import type { Person } from "./people.ts";
import type { EventOf } from "./stage.ts";

/** Who a line is about. `sniper` is the program. */
export type Speaker = "lab" | "demo" | "sniper" | "app" | "replica" | "primary" | Person;

/** A row of the table at the end. */
export interface Row {
  readonly who: string;
  readonly fate: "killed" | "spared";
  readonly because: string;
  readonly saw: string;
}

const SPEAKER_WIDTH = 9;
const TEXT_COLUMN = 18;
const WIDTHS = [22, 8];

/** Tells the demonstration on standard output: in color and with time to read on a terminal, plain elsewhere. */
export class Narrator {
  readonly #isTerminal = Deno.stdout.isTerminal();
  readonly #begin = performance.now();
  #isSilent = false;

  constructor() {
    setColorEnabled(this.#isTerminal && (Deno.env.get("NO_COLOR") ?? "") === "");
  }

  title(text: string, line: string): void {
    this.#print("", bold(text), line, "");
  }

  /** The heading of a step, and what it is about. */
  async step(heading: string, lines: readonly string[]): Promise<void> {
    this.#print("", bold(heading), ...lines.map((line) => `   ${line}`));
    await this.#timeToRead(800 + 600 * lines.length);
    this.#print("");
  }

  /** A file, framed. */
  async file(name: string, text: string): Promise<void> {
    this.#print("", `  ${bold(name)}`);
    for (const line of text.trimEnd().split("\n")) {
      const comment = line.indexOf(" #");
      const end = comment < 0 ? line.length : comment;
      this.#print(`  ${dim("│")} ${line.slice(0, end)}${dim(line.slice(end))}`);
    }
    await this.#timeToRead(3_000);
    this.#print("");
  }

  /** What somebody did or saw, with the time since the demonstration began, and its statement if there is one. */
  say(speaker: Speaker, text: string, sql?: string): void {
    const seconds = ((performance.now() - this.#begin) / 1000).toFixed(1);
    const name = cyan(speaker.padEnd(SPEAKER_WIDTH));
    this.#print(`  ${dim(`${seconds.padStart(4)}s`)}  ${speaker === "sniper" ? bold(name) : name}${text}`);
    if (sql !== undefined) this.#print(" ".repeat(TEXT_COLUMN) + dim(sql));
  }

  /** What the program tells, in one line; not all of it belongs to the story. */
  event(event: PublicEvent): void {
    const text = sentence(event);
    if (text === undefined) return;
    const isKilled = event.event === "kill" && event.outcome === "killed";
    this.say("sniper", text, isKilled ? event.statement?.digest_text : undefined);
  }

  /** The table at the end, and what to do next. */
  result(rows: readonly Row[], next: string): void {
    this.#print("", bold("What was killed, what was spared, and why"), "");
    for (const { who, fate, because, saw } of rows) {
      const cells = columns([who, fate]);
      this.#print(`  ${cells.replace(fate, fate === "killed" ? red(fate) : green(fate))}${saw}`);
      this.#print(`  ${columns(["", ""])}${dim(because)}`);
    }
    this.#print("", bold("What next"), `  ${next}`, "");
  }

  /** Rows of cells, each column as wide as it has to be. */
  table(heading: string, rows: readonly (readonly string[])[]): void {
    const widths = rows[0]!.map((_, n) => Math.max(...rows.map((cells) => cells[n]!.length)));
    const lines = rows.map((cells) =>
      `  ${cells.map((cell, n) => cell.padEnd(widths[n]! + 2)).join("").trimEnd()}`
    );
    this.#print("", bold(heading), "", ...lines, "");
  }

  /** The last that is said, whatever goes on. */
  end(text: string): void {
    this.say("demo", text);
    this.#isSilent = true;
  }

  /** A pause for people; a test that runs the demonstration needs none. */
  async #timeToRead(milliseconds: number): Promise<void> {
    if (this.#isTerminal) await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }

  #print(...lines: readonly string[]): void {
    if (this.#isSilent) return;
    const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
    try {
      for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      this.#isSilent = true; // nobody reads on, for instance in `| head`
    }
  }
}

function columns(cells: readonly string[]): string {
  return cells.map((cell, n) => cell.padEnd(WIDTHS[n]!)).join("");
}

/** Clauses with their values: `hll 3104 > 3k, pins_purge`. */
export function reasons(because: readonly Clause[]): string {
  return because.map(({ expression, left, right }) => {
    const [name, operator] = expression.split(" ");
    return expression.includes("limits.") ? `${name} ${left} ${operator} ${right}` : expression;
  }).join(", ");
}

function sentence(event: PublicEvent): string | undefined {
  switch (event.event) {
    case "start":
      return `query-sniper ${event.version} watches ${event.databases} servers, ${
        event.armed === 0 ? "in a dry run" : "and may kill"
      }`;
    case "connected":
      return undefined;
    case "lease":
      return event.state === "held" ? undefined : describe(event, needMeaning);
    case "gate":
      return event.state === "open"
        ? `${yellow(`the gate of ${event.policy} opens`)} on the ${event.database}: ${reasons(event.because)}`
        : `the gate of ${event.policy} is ${event.state} on the ${event.database}: ${values(event.because)}`;
    case "kill":
      return killSentence(event);
    case "stop":
      return `ends: ${event.looks} looks, ${event.kills} kills, ${event.errors} errors`;
    default:
      return describe(event, needMeaning);
  }
}

function killSentence(
  { outcome, reason, action, session, database, because, took_ms }: EventOf<"kill">,
): string {
  const what = action === "kill query" ? "query" : "connection";
  const whose = `the ${session.user}'s ${what} on the ${database}`;
  const why = reasons(because);
  if (outcome === "killed") return `${red("kills")} ${whose} in ${took_ms} ms: ${why}`;
  if (outcome === "would-kill") return `${yellow("would kill")} ${whose}: ${why}`;
  if (reason === "settle") return `waits for the effect (settle), spares ${whose}: ${why}`;
  if (outcome === "skipped") return `${green("spares")} ${whose}, ${reason}: ${why}`;
  return `${outcome}: ${whose}: ${why}`;
}

function values(because: readonly Clause[]): string {
  return because.map(({ expression, left }) => `${expression.split(" ")[0]} ${left}`).join(", ");
}
