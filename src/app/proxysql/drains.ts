import type { Clock } from "../../clock.ts";
import type { DrainConfig } from "../../config/mod.ts";
import type { ProxysqlEvent } from "../../events/mod.ts";
import {
  type Admin,
  adminWords,
  drain,
  type Drained,
  type DrainStep,
  type Intend,
  resume,
  sessionText,
} from "../../proxysql/mod.ts";

type DrainEvent = Extract<ProxysqlEvent, { readonly event: "proxysql-drain" }>;

export interface DrainsOptions {
  readonly proxysql: string;
  readonly config: DrainConfig;
  readonly clock: Clock;
  readonly intend: Intend;
  readonly signal: AbortSignal;
  readonly isLastChance?: boolean;
  atEnd?(): Promise<void>;
  tell(event: DrainEvent): void;
  /** Is told how many sessions were ended. */
  closed(sessions: number): void;
}

/** How a drain of the agent ended. */
export interface DrainEnd {
  readonly said: string;
  readonly isShutDown: boolean;
}

/** What other programs are told that wait for a drain. */
export const AGENT = "the agent";

/** So many of those that were left are named. */
const NAMED = 10;

/**
 * Drains a ProxySQL, and tells how it goes. Returns what became of it, also in words.
 * @throws {AdminError} It cannot be drained.
 * @throws {Error} It cannot be written down.
 */
export async function drainAndTell(admin: Admin, options: DrainsOptions): Promise<DrainEnd> {
  const { proxysql, tell: emit, signal, config } = options;
  const told = (event: Omit<DrainEvent, "event" | "proxysql">) =>
    emit({ event: "proxysql-drain", proxysql, ...event });
  const tell = (step: DrainStep) => {
    const event = eventOf(step);
    if (event !== undefined) told(event);
    if (step.step === "closed") options.closed(step.sessions);
  };
  try {
    const drained = await drain(admin, { ...options, tell, by: AGENT });
    const isShutDown = drained.isShutDown === true;
    if (signal.aborted && !isShutDown) return { said: "called off", isShutDown };
    const end = endOf(drained, config);
    told(end);
    return { said: end.reason ?? end.state, isShutDown };
  } catch (error) {
    told({ state: "trouble", reason: adminWords(error) });
    throw error;
  }
}

/** Undoes a drain, and tells so. @throws {AdminError} @throws {Error} */
export async function resumeAndTell(
  admin: Admin,
  { proxysql, config: { file }, clock, intend, tell }: Pick<
    DrainsOptions,
    "proxysql" | "config" | "clock" | "intend" | "tell"
  >,
): Promise<string> {
  try {
    await resume(admin, { file, clock, intend, by: AGENT });
  } catch (error) {
    tell({ event: "proxysql-drain", proxysql, state: "trouble", reason: adminWords(error) });
    throw error;
  }
  tell({ event: "proxysql-drain", proxysql, state: "resumed" });
  return "it takes connections again";
}

function eventOf(step: DrainStep): Omit<DrainEvent, "event" | "proxysql"> | undefined {
  switch (step.step) {
    case "waiting":
      return { state: "waiting", reason: step.who };
    case "draining":
      return { state: "began", ...step.again && { reason: "a drain that was begun before goes on" } };
    case "paused":
      return { state: "paused" };
    case "closed":
      return { state: "closed", sessions: step.sessions };
    case "trouble":
      return { state: "trouble", reason: step.error.withAdvice };
    case "unwritten":
      return { state: "trouble", reason: `not written down, and done all the same: ${step.reason}` };
    case "shut down":
      return undefined;
  }
}

function endOf(
  { closed, left }: Drained,
  { shutdown }: DrainConfig,
): Pick<DrainEvent, "state" | "sessions" | "reason"> {
  const down = shutdown ? ", and it is shut down" : "";
  if (left === undefined) return { state: "left", reason: `it does not say who is left${down}` };
  if (left.length === 0) return { state: "done", reason: `nobody is left, ${closed} closed${down}` };
  const named = left.slice(0, NAMED).map(sessionText);
  const more = left.length > NAMED ? [`and ${left.length - NAMED} more`] : [];
  return { state: "left", sessions: left.length, reason: `${[...named, ...more].join("; ")}${down}` };
}
