import { clauseText, sessionText } from "../../../../events/mod.ts";
import { durationWords } from "../../../../report/duration.ts";
import type { GateReport, LookExplanation, SessionExplanation } from "../../explain/explanation.ts";
import { sessionLines, verdictText } from "../../explain/explanation_text.ts";
import type { Model } from "../model.ts";
import { rankedSessions } from "../ranking.ts";
import { type Line, line, restyled, type Style, wrapped } from "../terminal/line.ts";
import { type Column, tableOf } from "./columns.ts";
import { window } from "./window.ts";
import { countCell, durationCell, plural, since } from "./words.ts";

interface Room {
  readonly columns: number;
  readonly rows: number;
}

/** One database: its gates, the sessions in question, and what each policy says of the one that the cursor is on. */
export function databaseLines(model: Model, { columns, rows }: Room): readonly Line[] {
  const { look } = model;
  const top = [heading(model)];
  if (look === undefined) return [...top, line(`  ${waiting(model)}`, "dim")];
  const gates = gateLines(model, look, Math.max(1, Math.floor(rows / 4)));
  const shown = rankedSessions(look, model);
  const at = shown.findIndex(({ session }) => session.id === model.session);
  const left = rows - top.length - gates.length;
  // A question tells of the session itself.
  const details = at < 0 || model.asked !== undefined
    ? []
    : detailLines(shown[at]!, look, { columns, rows: Math.max(2, Math.floor(left / 2)) });
  const { head, rows: table } = tableOf(columnsOf(look), shown, Math.max(1, columns - 2));
  const list = table.map((row, index): Line =>
    index === at ? restyled([{ text: "> " }, ...row], "chosen") : [{ text: "  " }, ...row]
  );
  const room = left - 1 - details.length;
  const sessions = shown.length === 0 ? [line(`  ${nobody(model, look)}`, "dim")] : window(list, at, room);
  const padding = Array.from({ length: Math.max(0, room - sessions.length) }, () => line(""));
  return [...top, ...gates, [{ text: "  " }, ...head], ...sessions, ...padding, ...details];
}

function heading({ opened = "", databases, look }: Model): Line {
  const state = databases.find(({ name }) => name === opened);
  const { values = {}, mode = "dry-run" } = state ?? {};
  const figures = [
    ["lag", durationCell(values["lag"])],
    ["history", countCell(values["hll"])],
    ["running", countCell(values["threads_running"])],
  ].filter(([, text]) => text !== "").map(([name, text]) => `${name} ${text}`);
  return [
    { text: opened, style: "bold" },
    { text: ", " },
    { text: mode, style: mode === "enforce" ? "bold" : "dim" },
    { text: figures.map((text) => `, ${text}`).join("") },
    { text: look === undefined ? "" : `, ${look.flavor} ${look.version}`, style: "dim" },
  ];
}

function waiting({ databases, opened }: Model): string {
  const state = databases.find(({ name }) => name === opened);
  return state?.reach === "unreachable" ? `unreachable: ${state.reason ?? ""}` : "reading its sessions";
}

function gateLines(
  { databases, opened, now }: Model,
  { policies, blind }: LookExplanation,
  most: number,
): readonly Line[] {
  const known = databases.find(({ name }) => name === opened)?.gates ?? [];
  const lines = policies.map((gate): Line => {
    const at = known.find(({ policy }) => policy === gate.policy)?.since;
    const why = gate.because.map((clause) => clauseText(clause)).join(", ");
    const age = at === undefined || gate.because.length === 0 ? "" : ` ${since(at, now)}`;
    const what = gate.mode === "dry-run" ? `${gate.action}, dry run` : gate.action;
    return line(
      `  ${gate.policy} (${what}): ${gate.because.length === 0 ? "always " : ""}${gate.state}${age}${
        why === "" ? "" : `: ${why}`
      }`,
      GATE_STYLES[gate.state],
    );
  });
  const hidden = lines.length - most;
  const all = [
    ...blind === undefined ? [] : [line(`  no session can be judged: ${blind}`, "bad")],
    ...hidden > 0
      ? [
        ...lines.slice(0, most - 1),
        line(`  and ${hidden + 1} more`, "dim"),
      ]
      : lines,
  ];
  return all.length === 0 ? [line("  no policy is in force here", "dim")] : all;
}

const GATE_STYLES: Readonly<Record<GateReport["state"], Style>> = {
  open: "bad",
  closed: "dim",
  unknown: "warning",
};

function nobody({ every, filter }: Model, { sessions }: LookExplanation): string {
  if (filter !== "") return `no session has this: ${filter}`;
  if (sessions.length === 0) return "no other session is there";
  return every ? "" : `${plural(sessions.length, "session")}, and none is in question: a shows all`;
}

function columnsOf(look: LookExplanation): readonly Column<SessionExplanation>[] {
  const gates = new Map(look.policies.map((gate) => [gate.policy, gate]));
  return [
    { head: "SESSION", width: 7, weight: 9, align: "right", text: ({ session }) => String(session.id) },
    {
      head: "USER",
      width: 8,
      weight: 6,
      text: ({ session: { user, definer } }) => user ?? `?${definer ?? ""}`,
    },
    { head: "DB", width: 6, weight: 2, text: ({ session }) => session.db },
    { head: "AGE", width: 6, weight: 7, align: "right", text: ageCell },
    {
      head: "VERDICT",
      width: 14,
      weight: 8,
      text: (explained) => verdictCell(explained, gates),
      style: verdictStyle,
    },
    {
      head: "STATEMENT",
      width: 12,
      weight: 5,
      text: ({ session, statement }) => statement?.digest_text ?? session.command,
    },
  ];
}

function ageCell({ session: { time_ms, idle_time_ms } }: SessionExplanation): string {
  if (time_ms !== undefined) return durationWords(time_ms);
  return idle_time_ms === undefined ? "?" : `~${durationWords(idle_time_ms)}`;
}

/** The verdict that matters most, and whose it is. */
function verdictCell(
  { never, verdicts }: SessionExplanation,
  gates: ReadonlyMap<string, GateReport>,
): string {
  if (never !== undefined) return "never selected";
  const first =
    ["kill", "match", "skip"].flatMap((decision) =>
      verdicts.filter((verdict) => verdict.decision === decision)
    )[0] ?? verdicts.find(({ selects }) => selects === true) ?? verdicts.find(({ selects }) =>
      selects === null
    );
  return first === undefined ? "-" : `${verdictText(first, gates.get(first.policy))} (${first.policy})`;
}

function verdictStyle({ verdicts }: SessionExplanation): Style | undefined {
  if (verdicts.some(({ decision }) => decision === "kill")) return "bad";
  return verdicts.some(({ selects }) => selects === null) ? "warning" : undefined;
}

function detailLines(
  explained: SessionExplanation,
  look: LookExplanation,
  { columns, rows }: Room,
): readonly Line[] {
  const { session, statement } = explained;
  const gates = new Map(look.policies.map((gate) => [gate.policy, gate]));
  const program = session.program === undefined ? "" : `, program ${session.program}`;
  const host = `${sessionText(session)}${program}`;
  const digest = statement === undefined
    ? []
    : wrapped(`${statement.digest}: ${statement.digest_text}`, columns - 1).slice(0, 2);
  // Its first line is the session and its statement, which are here already.
  const verdicts = sessionLines(explained, gates).slice(1).map((text) => text.replace(/^ {2}/, ""));
  const all = [
    line("─".repeat(columns), "dim"),
    line(host, "bold"),
    ...digest.map((text) => line(text)),
    ...verdicts.map((text) => line(text)),
  ];
  return all.length <= rows ? all : [...all.slice(0, rows - 1), line("…", "dim")];
}
