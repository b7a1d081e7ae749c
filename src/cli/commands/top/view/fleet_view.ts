import { type DatabaseState, type GateStatus, isHurt } from "../../../../http/fleet/mod.ts";
import type { Model } from "../model.ts";
import { chosenOf } from "../press.ts";
import { rankedDatabases } from "../ranking.ts";
import { type Line, line, restyled, type Style } from "../terminal/line.ts";
import { type Column, tableOf } from "./columns.ts";
import { window } from "./window.ts";
import { countCell, durationCell, plural, since } from "./words.ts";

/** All databases, the worst first: how they are, in one sentence and in a table. */
export function fleetLines(
  model: Model,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): readonly Line[] {
  const ranked = rankedDatabases(model.databases, model.filter);
  const { head, rows: table } = tableOf(COLUMNS(model.now), ranked, Math.max(1, columns - 2));
  const at = ranked.findIndex(({ name }) => name === chosenOf(model));
  const lines = table.map((row, index): Line =>
    index === at ? restyled([{ text: "> " }, ...row], "chosen") : [{ text: "  " }, ...row]
  );
  const none = model.databases.length === 0
    ? "No database is configured"
    : `No database has this in its name: ${model.filter}`;
  return [
    sentence(model),
    [{ text: "  " }, ...head],
    ...ranked.length === 0 ? [line(`  ${none}`, "dim")] : window(lines, at, rows - 2),
  ];
}

/** Whether somebody has to do something. */
export function sentence({ databases }: Pick<Model, "databases">): Line {
  const hurt = databases.filter(isHurt).length;
  const away = databases.filter(({ reach }) => reach === "unreachable").length;
  const coming = databases.filter(({ reach }) => reach === "connecting").length;
  return [
    { text: plural(databases.length, "database"), style: "bold" },
    { text: ", " },
    { text: `${hurt} hurt`, ...hurt > 0 && { style: "bad" } },
    ...away === 0 ? [] : [{ text: ", " }, { text: `${away} unreachable`, style: "bad" } as const],
    ...coming === 0 ? [] : [{ text: `, ${coming} connecting` }],
  ];
}

const COLUMNS = (now: number): readonly Column<DatabaseState>[] => [
  { head: "DATABASE", width: 12, weight: 9, text: ({ name }) => name },
  {
    head: "MODE",
    width: 7,
    weight: 3,
    text: ({ mode, hold }) => hold?.reason === "paused" ? "paused" : mode,
    style: ({ mode }) => mode === "enforce" ? "bold" : "dim",
  },
  { head: "LAG", width: 6, weight: 6, align: "right", text: ({ values }) => durationCell(values["lag"]) },
  { head: "HISTORY", width: 7, weight: 5, align: "right", text: ({ values }) => countCell(values["hll"]) },
  {
    head: "RUN",
    width: 5,
    weight: 4,
    align: "right",
    text: ({ values }) => countCell(values["threads_running"]),
  },
  { head: "STATE", width: 14, weight: 8, text: (state) => stateText(state, now), style: stateStyle },
];

/** Why it is where it is in the list. */
function stateText(state: DatabaseState, now: number): string {
  if (state.reach === "connecting") return "connecting";
  if (state.reach === "unreachable") return `unreachable ${since(state.since, now)}: ${state.reason ?? ""}`;
  const told = state.gates.filter(({ state, because }) =>
    state === "unknown" || state === "open" && because.length > 0
  );
  return told.length === 0 ? "ok" : told.map((gate) => gateText(gate, now)).join(", ");
}

function gateText({ policy, state, since: at, mode }: GateStatus, now: number): string {
  return `${policy} ${state} ${since(at, now)}${mode === "dry-run" && state === "open" ? " (dry run)" : ""}`;
}

function stateStyle(state: DatabaseState): Style | undefined {
  if (state.reach === "unreachable" || isHurt(state)) return "bad";
  return state.gates.some(({ state }) => state === "unknown") ? "warning" : undefined;
}
