import { type DatabaseState, isHurt } from "../../../http/fleet/mod.ts";
import type { LookExplanation, SessionExplanation } from "../explain/explanation.ts";

/** The databases that a filter leaves, the worst first. */
export function rankedDatabases(
  databases: readonly DatabaseState[],
  filter: string,
): readonly DatabaseState[] {
  const wanted = filter.toLowerCase();
  return databases
    .filter(({ name, group = "" }) => `${name} ${group}`.toLowerCase().includes(wanted))
    .toSorted((a, b) => rank(b) - rank(a) || lagOf(b) - lagOf(a) || a.name.localeCompare(b.name));
}

/** How badly somebody should look at it. */
function rank(state: DatabaseState): number {
  if (state.reach === "unreachable") return 3;
  if (isHurt(state)) return state.mode === "enforce" ? 5 : 4;
  if (state.gates.some(({ state }) => state === "unknown")) return 2;
  return state.reach === "connecting" ? 1 : 0;
}

/** An unknown lag is worse than none. */
function lagOf({ values: { lag } }: DatabaseState): number {
  return typeof lag === "number" ? lag : lag === null ? 0.5 : 0;
}

/** The sessions that are shown, those that would be killed first, and among equals the oldest. */
export function rankedSessions(
  look: Pick<LookExplanation, "sessions">,
  { every, filter }: { readonly every: boolean; readonly filter: string },
): readonly SessionExplanation[] {
  const wanted = filter.toLowerCase();
  return look.sessions
    .filter((explained) => every || isInQuestion(explained))
    .filter((explained) => wanted === "" || searched(explained).includes(wanted))
    .toSorted((a, b) => urgency(b) - urgency(a) || ageOf(b) - ageOf(a) || a.session.id - b.session.id);
}

/** Whether a policy selects it, or may. */
export function isInQuestion({ verdicts }: SessionExplanation): boolean {
  return verdicts.some(({ selects }) => selects !== false);
}

function urgency({ verdicts }: SessionExplanation): number {
  if (verdicts.some(({ decision }) => decision === "kill")) return 4;
  if (verdicts.some(({ decision }) => decision === "match")) return 3;
  if (verdicts.some(({ decision }) => decision === "skip")) return 2;
  return verdicts.some(({ selects }) => selects !== false) ? 1 : 0;
}

/** In whole seconds, so that sessions that began together do not change places at every look. */
function ageOf({ session: { time_ms, idle_time_ms = 0 } }: SessionExplanation): number {
  // One that runs something comes before all that rest.
  return time_ms === undefined ? Math.floor(idle_time_ms / 1000) / 1e12 : 1 + Math.floor(time_ms / 1000);
}

function searched({ session, statement }: SessionExplanation): string {
  const { id, user, host, db, program = "", command } = session;
  const { digest = "", digest_text = "" } = statement ?? {};
  return [id, user, host, db, program, command, digest, digest_text].join(" ").toLowerCase();
}
