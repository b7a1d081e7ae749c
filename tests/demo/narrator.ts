import { bold, cyan, dim, green, red, setColorEnabled, yellow } from "@std/fmt/colors";
import { describe, type Event } from "../../src/journal/mod.ts";
import type { Clause } from "../../src/language/mod.ts";
import type { EventOf } from "./stage.ts";

/** Who a line is about. `sniper` is the program. */
export type Speaker = "lab" | "demo" | "sniper" | "app" | "analyst" | "backup" | "replica" | "primary";

/** A row of the table at the end. */
export interface Row {
  readonly query: string;
  readonly fate: "killed" | "spared";
  readonly because: string;
  /** From the moment when all limits were passed to the client's error, in milliseconds. */
  readonly lateMs?: number;
  readonly saw: string;
}

const SPEAKER_WIDTH = 9;
const TEXT_COLUMN = 18;
const WIDTHS = [18, 8, 8];

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

  /** The headings of a step, and what it is about. */
  async step(headings: readonly string[], lines: readonly string[]): Promise<void> {
    this.#print("", ...headings.map(bold), ...lines.map((line) => `   ${line}`));
    await this.#timeToRead(1_500 + 1_000 * lines.length);
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
    await this.#timeToRead(4_000);
    this.#print("");
  }

  /** What somebody did or saw, with the time since the demonstration began, and its statement if there is one. */
  say(speaker: Speaker, text: string, sql?: string): void {
    const seconds = ((performance.now() - this.#begin) / 1000).toFixed(1);
    const name = cyan(speaker.padEnd(SPEAKER_WIDTH));
    this.#print(`  ${dim(`${seconds.padStart(4)}s`)}  ${speaker === "sniper" ? bold(name) : name}${text}`);
    if (sql !== undefined) this.#print(" ".repeat(TEXT_COLUMN) + dim(sql));
  }

  /** What the program tells, in one line. */
  event(event: Event): void {
    this.say("sniper", sentence(event));
  }

  /** The table at the end, with a legend and what to do next. */
  result(rows: readonly Row[], next: string): void {
    this.#print("", bold("What was killed, what was spared, and why"), "");
    this.#print(dim(`  ${columns(["query of", "fate", "late"])}its client saw`));
    for (const { query, fate, because, lateMs, saw } of rows) {
      const late = lateMs === undefined ? "" : `${Math.round(lateMs)} ms`;
      const cells = columns([query, fate, late]);
      this.#print(`  ${cells.replace(fate, fate === "killed" ? red(fate) : green(fate))}${saw}`);
      this.#print(`  ${columns(["", because]).trimEnd()}`);
    }
    this.#print(
      "",
      dim("  late: from the moment when all of its limits were passed until its client had the error"),
    );
    this.#print("", bold("What next"), `  ${next}`, "");
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

/** The clauses that compare with a limit, with their values: `lag 3s > 2s, time 1.143s > 1s`. */
export function limitsPassed(because: readonly Clause[]): string {
  return because.filter(({ expression }) => expression.includes("limits.")).map((clause) => {
    const [name, operator] = clause.expression.split(" ");
    return `${name} ${clause.left} ${operator} ${clause.right}`;
  }).join(", ");
}

function sentence(event: Event): string {
  switch (event.event) {
    case "start":
      return `query-sniper ${event.version} runs: ${event.databases} databases, ${event.armed} in enforce mode`;
    case "connected":
      return `connected to the ${event.database}`;
    case "gate":
      return event.state === "open"
        ? `${yellow("the gate opens")} on the ${event.database}: ${limitsPassed(event.because)}`
        : `the gate is ${event.state} on the ${event.database}: ${values(event.because)}`;
    case "kill":
      return killSentence(event);
    case "stop":
      return `ends on ${event.reason}: ${event.looks} looks, ${event.kills} kills, ${event.errors} errors`;
    default:
      return describe(event);
  }
}

function killSentence({ outcome, reason, session, database, because, took_ms }: EventOf<"kill">): string {
  const whose = `the ${session.user}'s query on the ${database}`;
  const passed = limitsPassed(because);
  if (outcome === "killed") return `${red("kills")} ${whose} in ${took_ms} ms: ${passed}`;
  if (outcome === "skipped") return `${green("spares")} ${whose}, ${reason}: ${passed}`;
  return `${outcome}: ${whose}: ${passed}`;
}

function values(because: readonly Clause[]): string {
  return because.map(({ expression, left }) => `${expression.split(" ")[0]} ${left}`).join(", ");
}
