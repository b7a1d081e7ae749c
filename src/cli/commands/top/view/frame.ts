import type { Model, Note } from "../model.ts";
import { type Line, line, type Part, type Style, widthOf, wrapped } from "../terminal/line.ts";
import type { Size } from "../terminal/screen.ts";
import { databaseLines } from "./database_view.ts";
import { dialogLines } from "./dialog.ts";
import { fleetLines } from "./fleet_view.ts";
import { helpLines } from "./help_view.ts";
import { since } from "./words.ts";

/** The whole screen: as many lines as it has rows. Pure. */
export function frame(model: Model, { columns, rows }: Size): readonly Line[] {
  const dialog = model.asked === undefined ? [] : dialogLines(model.asked, columns);
  const feet = model.asked === undefined ? feetOf(model, columns) : dialog.slice(-Math.max(1, rows - 1));
  const heads = model.paused === undefined ? [] : [line(`Kills are paused: ${model.paused}`, "warning")];
  const room = Math.max(0, rows - feet.length - heads.length);
  const body = [...heads, ...bodyOf(model, { columns, rows: room }).slice(0, room)];
  const padding = Array.from({ length: Math.max(0, rows - body.length - feet.length) }, () => line(""));
  return [...body, ...padding, ...feet].slice(0, rows);
}

function bodyOf(model: Model, size: Size): readonly Line[] {
  if (model.help) return helpLines();
  return model.view === "fleet" ? fleetLines(model, size) : databaseLines(model, size);
}

const TONES: Readonly<Record<Note["tone"], Style>> = { good: "good", bad: "bad", plain: "bold" };

/** The lines that the last message may take. */
const NOTE_LINES = 4;

/** What became of the last thing that was done, what is being typed, or which keys there are. */
function feetOf(model: Model, columns: number): readonly Line[] {
  const { note, isTyping, filter } = model;
  if (isTyping) return [[{ text: `/${filter}`, style: "bold" }, { text: "█" }]];
  if (note === undefined) return [keyLine(model, columns)];
  return wrapped(note.text, columns - 1).slice(0, NOTE_LINES).map((text) => line(text, TONES[note.tone]));
}

function keyLine(model: Model, columns: number): Line {
  const { filter, frozen, now } = model;
  const states: readonly Part[] = [
    ...frozen === undefined ? [] : [{ text: `FROZEN ${since(frozen, now)} `, style: "warning" } as const],
    ...filter === "" ? [] : [{ text: `/${filter} `, style: "bold" } as const],
  ];
  const used = states.reduce((sum, { text }) => sum + widthOf(text), 0);
  return [...states, { text: keysFor(model, columns - used), style: "dim" }];
}

/** The keys that there is room for; `?` tells the rest. */
function keysFor({ view }: Model, room: number): string {
  const keys = view === "fleet"
    ? ["? help", "q quit", "Enter sessions", "/ filter", "p freeze"]
    : ["? help", "q quit", "Esc back", "k kill", "/ filter", "a all", "p freeze"];
  let shown = "";
  for (const key of keys) {
    const longer = shown === "" ? key : `${shown} · ${key}`;
    if (widthOf(longer) > room) break;
    shown = longer;
  }
  return shown;
}
