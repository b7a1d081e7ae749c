import { type Capabilities, killAll } from "../../../src/mysql/mod.ts";
import type { Clock } from "../../../src/clock.ts";
import { type Connection, DatabaseError, type Row } from "../../../src/connection/mod.ts";
import { type Journal, JournalError } from "../../../src/journal/mod.ts";
import type { ProxiedSessions } from "../../../src/mysql/proxied/proxied_sessions.ts";
import type { Decision, Outcome, Session } from "../../../src/policy/mod.ts";
import { look, policy, rules, session } from "../../policy/fixture.ts";

/** When all of it begins, by the clock's `now`. */
export const BEGIN = 100_000;

/** Time that passes while somebody sleeps, and with each round trip where it is told to. */
export class SleepTime implements Clock {
  ms = BEGIN;
  readonly slept: number[] = [];
  /** How many of those sleeps would end with the program. */
  interruptible = 0;
  now = () => this.ms;
  wall = () => 1_000_000 + this.ms;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(milliseconds);
    if (signal !== undefined) this.interruptible++;
    if (!signal?.aborted) this.ms += milliseconds;
    return Promise.resolve();
  }
}

/** A statement of MariaDB that has been running for a minute, as its process list shows it. */
export const ROW: Row = {
  id: 7,
  user: "app",
  command: "Query",
  time_ms: "60000",
  query_id: 9,
  text: "SELECT 1",
};

/** What its session shows once it rests: the id of its last statement stays. */
export const RESTS: Row = { ...ROW, command: "Sleep", time_ms: "1", text: null };

const OWN: Row = { id: 1, command: "Query", thread_id: 2, event_id: 1, end_event_id: null, end_ms: "1" };

/** A decision on what {@linkcode ROW} shows. */
export function decisionOn(
  { id = 7, execution = "9", running = true, then = "kill query", at = BEGIN, ...rest }: {
    readonly id?: number;
    readonly execution?: string;
    readonly running?: boolean;
    readonly then?: "kill query" | "kill connection";
    readonly at?: number;
    readonly time?: number;
    readonly idle_time?: number;
    readonly escalation?: true;
    readonly sql?: string;
    /** What its proxy tells of it. */
    readonly told?: Partial<Session>;
  } = {},
): Decision {
  const { escalation, told, ...given } = rest;
  const victim = session({ id, execution, running, sql: "SELECT 1", ...given });
  const asked = rules([policy({ where: "always", then })]);
  const [decision] = look(asked, { sessions: [victim], now: at }).decisions;
  return { ...decision!, ...escalation && { escalation }, session: { ...decision!.session, ...told } };
}

/** A server that answers as told, and what it was asked. */
export interface Script {
  readonly decisions?: readonly Decision[];
  /** What it lists at each reading, the last one at all later ones; or what it fails with. */
  readonly lists: readonly (readonly Row[] | DatabaseError)[];
  /** What it answers to each kill, the last one to all later ones. */
  readonly kills?: readonly ("sent" | "missed" | DatabaseError)[];
  /** Connections that are rolling back, whenever it is asked. */
  readonly rolling?: readonly number[] | DatabaseError;
  /** How long each reading takes, in milliseconds. */
  readonly readingMs?: number;
  readonly capabilities?: Partial<Capabilities>;
  /** The errors with which executions ended, where it is asked for them. */
  readonly errors?: Readonly<Record<string, number>>;
  /** How long those had run, in milliseconds; absent: the server does not say. */
  readonly ran?: number;
  readonly journal?: "fails" | "fails at the end" | "works" | Error;
  /** Aborted before it begins, or at so many kills. */
  readonly endsAtKill?: number;
  /** The connection that must hold the lease. */
  readonly lease?: number;
  /** What it answers to the comparison before a proxy is asked to kill, where that is not what is wanted. */
  readonly last?: Row | DatabaseError;
  /** Called at that comparison. */
  readonly onLast?: (end: AbortController, clock: SleepTime) => void;
  readonly verify?: (policy: string) => number;
  /** Why kills are paused, after so many kills. */
  readonly paused?: (kills: number) => string | undefined;
  /** What the connection has to answer before, each time that it is asked whether there is something. */
  readonly busy?: () => Promise<void> | undefined;
  /** What InnoDB shows is of some time ago. */
  readonly outdated?: boolean;
  /** What knows the clients behind proxies, by this clock. */
  readonly proxied?: (clock: Clock) => ProxiedSessions;
}

/** Has decisions carried out on such a server. */
export async function carriedOut(script: Script) {
  const { decisions = [decisionOn()], lists, kills = ["sent"], rolling = [], readingMs = 0 } = script;
  const clock = new SleepTime();
  const end = new AbortController();
  if (script.endsAtKill === 0) end.abort();
  const asked = {
    readings: [] as string[],
    kills: [] as string[],
    errors: [] as string[],
    last: [] as string[],
    rolling: 0,
  };
  const query = (sql: string): Promise<readonly Row[]> => {
    if (sql.includes("AS reading")) {
      const reading = Number(/^SELECT (\d+)/.exec(sql)?.[1]);
      return answer([{ reading, at: clock.ms, shown: script.outdated === true ? 0 : reading }]);
    }
    if (/^(?:START TRANSACTION|COMMIT|DO SLEEP)/.test(sql)) return answer([]);
    if (sql.includes("INNODB_TRX")) {
      asked.rolling++;
      return answer(rolling instanceof DatabaseError ? rolling : rolling.map((id) => ({ id })));
    }
    if (sql === "SHOW GRANTS") return answer([{ grant: "GRANT CONNECTION_ADMIN ON *.* TO `sniper`@`%`" }]);
    if (sql.includes("MYSQL_ERRNO")) {
      asked.errors.push(sql);
      const time = script.ran ?? null;
      return answer(
        Object.entries(script.errors ?? {}).map(([execution, errno]) => ({ execution, errno, time })),
      );
    }
    if (sql.includes("AS same_execution")) {
      asked.last.push(sql);
      script.onLast?.(end, clock);
      const { last = {} } = script;
      if (last instanceof DatabaseError) return answer(last);
      return answer([{ same_server: 1, has_lease: "1", same_execution: 1, ...last }]);
    }
    if (sql.includes("KILL")) {
      asked.kills.push(sql);
      if (asked.kills.length === script.endsAtKill) end.abort();
      const said = kills[asked.kills.length - 1] ?? kills.at(-1)!;
      return answer(said instanceof DatabaseError ? said : [{ answer: said }]);
    }
    clock.ms += readingMs;
    asked.readings.push(sql);
    const listed = lists[asked.readings.length - 1] ?? lists.at(-1)!;
    return answer(listed instanceof Error ? listed : [OWN, ...listed]);
  };
  const written: unknown[][] = [];
  const outcomes: Outcome[] = [];
  await killAll(decisions, {
    connection: {
      id: 1,
      query,
      get busy() {
        return script.busy?.();
      },
    } as unknown as Connection,
    capabilities: {
      sessions: "process_list_ms",
      flavor: "mariadb",
      serverName: "@@server_uid",
      textLimit: 1024,
      gaps: [],
      ...script.capabilities,
    } as unknown as Capabilities,
    clock,
    lease: script.lease,
    paused: () => Promise.resolve(script.paused?.(asked.kills.length)),
    verify: script.verify ?? (() => 5000),
    database: "shop",
    proxied: script.proxied?.(clock),
    journal: script.journal === undefined ? undefined : journalThat(script.journal, written),
    signal: end.signal,
    report: (outcome) => outcomes.push(outcome),
  });
  return {
    /** Each as `OUTCOME ID`, and its note where it has one. */
    told: outcomes.map(({ outcome, decision, note }) =>
      `${outcome} ${decision.session.id}${note === undefined ? "" : `: ${note}`}`
    ),
    outcomes,
    kills: asked.kills,
    asked,
    written,
    slept: clock.slept,
    interruptible: clock.interruptible,
    took: clock.ms - BEGIN,
  };
}

function answer(rows: readonly Row[] | DatabaseError): Promise<readonly Row[]> {
  return rows instanceof Error ? Promise.reject(rows) : Promise.resolve(rows);
}

function journalThat(what: NonNullable<Script["journal"]>, written: unknown[][]): Journal {
  const journal = {
    intend(database: string, decision: Decision, wall: number): number {
      if (what instanceof Error && what.message === "at the intent") throw what;
      if (what === "fails") throw new JournalError("the disk is full");
      written.push(["intent", database, decision.session.id, wall]);
      return written.length;
    },
    conclude(intent: number, concluded: unknown): void {
      if (what instanceof Error) throw what;
      if (what === "fails at the end") throw new JournalError("the disk is full");
      written.push(["outcome", intent, concluded]);
    },
  };
  return journal as unknown as Journal;
}

/** What a connection that broke fails with. */
export const LOST = new DatabaseError("lost", "the connection broke");
/** A list in which the session is not any more. */
export const GONE: readonly Row[] = [];
/** A connection whose new statement has no id yet: nothing is known of it. */
export const TORN_EVENT = { id: 7, user: "app", command: "Query", thread_id: 5, event_id: null, text: null };

/** A server of MySQL, which knows statements by their events. */
export const EVENTS: NonNullable<Script["capabilities"]> = { sessions: "statement_events", flavor: "mysql" };
/** What {@linkcode ROW} is there. */
export const WHOLE_EVENT: Row = {
  ...ROW,
  thread_id: 5,
  event_id: 9,
  end_event_id: null,
  wait_ms: "60000",
};
/** A decision on it. */
export const ON_EVENT = [decisionOn({ execution: "5:9" })];
