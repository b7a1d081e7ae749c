import { KeptProxies } from "../../../app/keep_proxies.ts";
import { type Clock, systemClock } from "../../../clock.ts";
import { mysqlTarget, type MysqlTargetConnection } from "../../../mysql/mod.ts";
import { type TargetConnection, TargetError } from "../../../target/mod.ts";
import { quoted } from "../../../text/nearest.ts";
import { CAUSES_PAUSE } from "../../../look/mod.ts";
import { Observer } from "../../../recording/mod.ts";
import { Pauses } from "../../../watch/mod.ts";
import type { WatchedDatabase } from "../../../config/mod.ts";
import { chosenDatabases } from "../../database_choice.ts";
import { explanationOf, type LookExplanation } from "./explanation.ts";
import { explanationText } from "./explanation_text.ts";
import { pausedText } from "../../holds.ts";
import type { Run, Terminal } from "../../invocation.ts";
import { stopOnSignals } from "../../stop_signal.ts";
import { UsageError } from "../../usage_error.ts";

/** `query-sniper explain`. */
export const explain: Run = async (invocation, terminal) => {
  const { options } = invocation;
  const session = sessionId(options.get("session"));
  const chosen = await chosenDatabases(invocation, terminal);
  if (chosen === undefined) return 2;
  const { config: { pause }, databases } = chosen;
  let isKnown = session === undefined;
  const show = async (explanation: LookExplanation, connected: TargetConnection) => {
    const kept = session === undefined ? explanation : only(explanation, session);
    if (session !== undefined && kept.sessions.length === 0) {
      const what = await whatIs(session, connected);
      const text = what === undefined ? "" : `: ${what}`;
      terminal.warn(`${explanation.database}: no session of a client has this id: ${session}${text}`);
      isKnown ||= what !== undefined;
    } else isKnown = true;
    terminal.print(
      ...options.get("format") === "json"
        ? [JSON.stringify(kept)]
        : explanationText(kept, { everySession: session !== undefined }),
    );
  };
  const signal = options.has("watch") ? stopOnSignals().signal : undefined;
  await using proxies = await KeptProxies.open(chosen, { clock: systemClock });
  const explained = databases.map((database) =>
    explainDatabase(database, { terminal, pause, proxies, show, signal })
  );
  // Of several databases, it is enough if one knows the session.
  return (await Promise.all(explained)).every(Boolean) && isKnown ? 0 : 1;
};

interface ExplainOptions {
  readonly terminal: Terminal;
  /** The pause file. */
  readonly pause: string;
  readonly proxies: KeptProxies;
  show(explanation: LookExplanation, connected: TargetConnection): Promise<void>;
  /** Repeats until this is aborted; absent: runs once. */
  readonly signal: AbortSignal | undefined;
}

/** Returns whether it succeeded. */
async function explainDatabase(
  database: WatchedDatabase,
  { terminal, pause, proxies, show, signal }: ExplainOptions,
): Promise<boolean> {
  const clock: Clock = systemClock;
  const pauses = new Pauses(pause, { clock });
  let observer: Observer<MysqlTargetConnection> | undefined;
  try {
    const target = mysqlTarget(database, { clock, armed: false, proxies: proxies.of(database) });
    observer = await Observer.connect(target, database, { clock });
    do {
      const found = await observer.look();
      const paused = await pausedText(pauses, database.name);
      const { memory, connected } = observer;
      const at = {
        capabilities: connected.server.capabilities,
        memory,
        paused,
        now: clock.now(),
        wall: clock.wall(),
      };
      await show(explanationOf(database, found, at), connected);
      if (signal !== undefined) await clock.sleep(Math.max(CAUSES_PAUSE, database.interval), signal);
    } while (signal !== undefined && !signal.aborted);
    return true;
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    terminal.warn(`${database.name}: ${error.withAdvice}`);
    return false;
  } finally {
    await observer?.close();
  }
}

/** What an id stands for if it is not a client's; undefined if the server does not know it. */
async function whatIs(id: number, connected: TargetConnection): Promise<string | undefined> {
  const occupant = await connected.occupant(id);
  if (occupant?.kind === "own") return "it is this program's own";
  return occupant?.kind === "thread" ? `it is ${occupant.what} (${occupant.name})` : undefined;
}

function only(explanation: LookExplanation, id: number): LookExplanation {
  return { ...explanation, sessions: explanation.sessions.filter(({ session }) => session.id === id) };
}

function sessionId(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[0-9]{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`--session is an id as the process list shows it: ${quoted(text)}`);
}
