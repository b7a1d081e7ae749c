import type { Trial, TrialSession } from "./trial.ts";
import { valueAt } from "./series.ts";
import { PROGRAM_NAME } from "../connection/mod.ts";
import { column, isUnknown, keyOf, type Reading, type Unknown } from "../language/mod.ts";
import type { ActionRow, Needs, Session } from "../policy/mod.ts";
import { sessionOf, statementValues, VOCABULARY, withAlike } from "../mysql/mod.ts";
import type { LookSource } from "../target/mod.ts";

/** The server of a test: its sessions are written in the test, and killed ones are gone. */
export class SimulatedServer implements LookSource {
  readonly own = { user: "", program: PROGRAM_NAME };
  readonly blind = false;
  readonly #trial: Trial;
  readonly #needs: Needs;
  readonly #killed = new Set<number>();
  #now = 0;

  constructor(trial: Trial, needs: Needs) {
    this.#trial = trial;
    this.#needs = needs;
  }

  /** Advances to a moment, in milliseconds since the test began. */
  moveTo(now: number): void {
    this.#now = now;
  }

  /** Kills a session, or only its statement, unless that survives its kill. */
  kill(id: number, { acts_on: part }: Pick<ActionRow, "acts_on">): void {
    switch (part) {
      case "statement": {
        const session = this.#trial.sessions.find((session) => session.id === id);
        if (session?.survives === false) this.#killed.add(id);
        return;
      }
      case "connection":
        this.#killed.add(id);
        return;
      case null:
        throw new TypeError("Nothing is done to a session by an action that only looks on");
      default:
        part satisfies never;
    }
  }

  health(): ReturnType<LookSource["health"]> {
    const names = [...this.#needs.health, ...Object.keys(this.#trial.values)];
    const health = Object.fromEntries(names.map((name) => [name, this.#value(name)]));
    return Promise.resolve({
      health,
      report: {
        identity: { server: "simulated", started: 1 },
        uptime: typeof health["uptime"] === "number" ? health["uptime"] : Infinity,
        readOnly: health["read_only"] === true,
      },
    });
  }

  sessions(): Promise<readonly Session[]> {
    return Promise.resolve(this.#sessions());
  }

  /** The test itself says which sessions are alike. */
  alike(sessions: readonly Session[]): readonly Session[] {
    return sessions;
  }

  /** Counts the sessions of the test, or takes the server's numbers if the test gives them. */
  counts(): ReturnType<LookSource["counts"]> {
    const sessions = this.#sessions();
    const atLeast = (count: number, name: string) => {
      const value = this.#value(name);
      return typeof value === "number" ? Math.max(count, value) : count;
    };
    return Promise.resolve({
      running: atLeast(sessions.filter(({ running }) => running).length, "threads_running"),
      connections: atLeast(sessions.length, "threads_connected"),
    });
  }

  /** Nothing is costly here: the sessions already have these values. */
  details(): ReturnType<LookSource["details"]> {
    return Promise.resolve({ sessions: this.#sessions(), sessionless: [] });
  }

  /** Nothing is costly here either. */
  guards(): ReturnType<LookSource["guards"]> {
    return Promise.resolve(this.#sessions());
  }

  #value(name: string): Reading {
    return valueAt(this.#trial.values[name], this.#now);
  }

  #sessions(): readonly Session[] {
    const { sessions, database: { rules } } = this.#trial;
    const there = sessions.filter(({ id }) => !this.#killed.has(id)).flatMap((session) => {
      const basic = basicSession(session, this.#now);
      return basic === undefined ? [] : [{ session, basic }];
    });
    const basics = there.map(({ basic }) => basic);
    const alike = this.#needs.alike ? withAlike(basics) : basics;
    return there.map(({ session }, index) => ({
      ...alike[index]!,
      ...statementValues(alike[index]!, { needs: this.#needs.causes, tags: rules.tags }),
      ...attributesOf(session, this.#needs.causes),
      ...causesOf(session, this.#now),
    }));
  }
}

/** What the list of sessions shows; undefined while the session does not exist. */
function basicSession(session: TrialSession, now: number): Session | undefined {
  const { id, user, host, db, state, command, sql, program } = session;
  const { started, idleSince, ends = Infinity } = session;
  const [began, paused] = [whenOf(started, now), whenOf(idleSince, now)];
  if (now >= ends || (began === undefined && paused === undefined)) return undefined;
  const running = began !== undefined && (paused === undefined || began > paused);
  const since = running ? started : idleSince;
  const found = sessionOf({
    id,
    user,
    host,
    db,
    command: running ? command : "Sleep",
    state,
    running,
    age: typeof since === "number" ? now - since : null,
    text: running && typeof sql === "string" ? sql : null,
    program: typeof program === "string" ? program : null,
    execution: `${id}:${running ? "statement" : "pause"}`,
    serverDigest: null,
  }, { textLimit: Infinity, uptime: Infinity, connectAttributes: true });
  return isUnknown(program) ? { ...found, program } : found;
}

/** When something began that has already begun; if that is unknown, long ago. */
function whenOf(moment: number | Unknown | undefined, now: number): number | undefined {
  if (moment === undefined) return undefined;
  const when = isUnknown(moment) ? -Infinity : moment;
  return when <= now ? when : undefined;
}

function attributesOf({ attributes }: TrialSession, needs: ReadonlySet<string>): Partial<Session> {
  const keys = [...needs].flatMap((name) => keyOf("attribute", name) ?? []);
  return Object.fromEntries(keys.map((key) => [`attribute.${key}`, attributes[key] ?? ""]));
}

/** The values of a harmless session, for names that the test does not give. */
const HARMLESS: Partial<Session> = {
  ...column(VOCABULARY.rows, "harmless"),
  prepared: false,
  holds_shown: true,
};

function causesOf({ causes, transactionSince }: TrialSession, now: number): Partial<Session> {
  const given = Object.entries(causes).map(([name, series]) => [name, valueAt(series, now)]);
  return {
    ...HARMLESS,
    transaction_time: transactionTime(transactionSince, now),
    ...Object.fromEntries(given),
  };
}

function transactionTime(since: TrialSession["transactionSince"], now: number): number | Unknown {
  return since === undefined ? 0 : isUnknown(since) ? since : Math.max(0, now - since);
}
