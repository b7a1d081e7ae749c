import { didYouMean, quoted } from "../text/nearest.ts";
import { formatQuantity, keyOf } from "../language/mod.ts";
import type { DatabaseConfig } from "../config/mod.ts";
import { claims, type Policy } from "../policy/mod.ts";
import { isWrong, type Path, type Problems } from "../yaml/mod.ts";
import type { Series } from "./series.ts";
import type { Expectation, ExpectedSurvivor, ExpectedVictim, Trial, TrialSession } from "./trial.ts";
import {
  sessionKeys,
  trialKeys,
  type WrittenExpectation,
  type WrittenSession,
  type WrittenTrial,
} from "./trial_schema.ts";

/** Makes tests from what was written, and finds contradictions. */
export class TrialReader {
  /** Undefined if it is unknown which ones there are. */
  readonly #databases: readonly DatabaseConfig[] | undefined;
  readonly #problems: Problems;
  readonly #names = new Set<string>();

  constructor(databases: readonly DatabaseConfig[] | undefined, problems: Problems) {
    this.#databases = databases;
    this.#problems = problems;
  }

  /** Undefined if it cannot be made; the reason has then been reported, here or before. */
  read(written: WrittenTrial, path: Path): Trial | undefined {
    const { name = "", start = trialKeys.start.default, values = {} } = written;
    if (name !== "" && this.#names.has(name)) {
      this.#problems.report([...path, "name"], `another test has this name: ${quoted(name)}`);
    }
    this.#names.add(name);
    const sessions = this.#sessions(written, path);
    const database = this.#databaseOf(written, path);
    if (database !== undefined) this.#checkMetrics(values, database, [...path, "values"]);
    const expect = this.#expectations(written, path, {
      database,
      // If one session is wrong, it is unknown which ones there are.
      ids: isWrong(written, "sessions") || sessions.includes(undefined)
        ? undefined
        : new Set(sessions.map((session) => session!.id)),
    });
    if (database === undefined) return undefined;
    return {
      name,
      database,
      start,
      values: withoutUndefined(values),
      sessions: sessions.flatMap((session) => session ?? []),
      expect,
    };
  }

  #databaseOf(written: WrittenTrial, path: Path): DatabaseConfig | undefined {
    const databases = this.#databases;
    if (databases === undefined || isWrong(written, "database")) return undefined;
    const { database: name } = written;
    const names = databases.map(({ name }) => name);
    if (name === undefined) {
      if (databases.length === 1) return databases[0];
      const message = `a key is missing: "database", since the configuration has ${databases.length} of them`;
      return void this.#problems.report(path, message);
    }
    const found = databases.find((database) => database.name === name);
    if (found !== undefined) return found;
    const near = didYouMean(name, names, '"');
    this.#problems.report([...path, "database"], `no database has this name: ${quoted(name)}${near}`);
  }

  #checkMetrics(values: object, { rules }: DatabaseConfig, path: Path): void {
    for (const name of Object.keys(values)) {
      const metric = keyOf("metric", name);
      if (metric === undefined || Object.hasOwn(rules.metrics, metric)) continue;
      const near = didYouMean(metric, Object.keys(rules.metrics), '"');
      this.#problems.report(
        [...path, name],
        `no policy here uses this metric: ${quoted(metric)}${near}`,
        "key",
      );
    }
  }

  #sessions({ sessions = [] }: WrittenTrial, base: Path): readonly (TrialSession | undefined)[] {
    const ids = new Set<number>();
    return sessions.map((session, index) => {
      const path = [...base, "sessions", index];
      if (session?.id === undefined) return undefined;
      if (ids.has(session.id)) {
        this.#problems.report([...path, "id"], `another session has this id: "${session.id}"`);
      }
      ids.add(session.id);
      if (Object.hasOwn(session, "started") && !Object.hasOwn(session, "sql")) {
        this.#problems.report(path, 'a key is missing: "sql", since a statement begins; it may be unknown');
      }
      return sessionOf(session, session.id);
    });
  }

  #expectations(
    { expect = [] }: WrittenTrial,
    base: Path,
    known: KnownNames,
  ): readonly Expectation[] {
    let last = -1;
    return expect.flatMap((written, index): Expectation[] => {
      if (written?.at === undefined) return [];
      const path = [...base, "expect", index];
      if (written.at <= last) {
        const found = quoted(formatQuantity({ type: "duration", value: written.at }));
        this.#problems.report([...path, "at"], `expected a later time than the one before it: ${found}`);
      }
      last = written.at;
      return [this.#expectation(written, { at: written.at, path, known })];
    });
  }

  #expectation(
    { gates, victims, matches, spared = [] }: WrittenExpectation,
    { at, path, known }: { readonly at: number; readonly path: Path; readonly known: KnownNames },
  ): Expectation {
    for (const name of gates?.keys() ?? []) {
      this.#policy(name, { path: [...path, "gates", name], at: "key", known });
    }
    return {
      at,
      gates: Object.fromEntries([...gates ?? []].flatMap(([name, state]) => state ? [[name, state]] : [])),
      ...victims && { victims: this.#named(victims, { path: [...path, "victims"], known, kills: true }) },
      ...matches && { matches: this.#named(matches, { path: [...path, "matches"], known, kills: false }) },
      spared: this.#named(spared, { path: [...path, "spared"], known }),
    };
  }

  /** The sessions that are named, after checking that they and their policies exist. */
  #named<T extends SessionReference>(
    items: readonly (T | undefined)[],
    { path, known, kills }: { readonly path: Path; readonly known: KnownNames; readonly kills?: boolean },
  ): readonly (ExpectedVictim & ExpectedSurvivor)[] {
    return items.flatMap((item, index) => {
      if (item?.session === undefined) return [];
      const place = [...path, index];
      if (known.ids?.has(item.session) === false) {
        const at = item.policy === undefined ? place : [...place, "session"];
        this.#problems.report(at, `no session of this test has this id: "${item.session}"`);
      }
      if (item.policy !== undefined) {
        const policy = this.#policy(item.policy, { path: [...place, "policy"], at: "value", known });
        const claiming = policy && known.database && claims(policy, known.database.rules.domain);
        if (claiming !== undefined && kills !== undefined && claiming !== kills) {
          const message = kills
            ? 'this policy only looks on, it belongs under "matches"'
            : 'this policy kills, it belongs under "victims"';
          this.#problems.report([...place, "policy"], `${message}: ${quoted(item.policy)}`);
        }
      }
      const { because = [], ...rest } = item;
      return [{
        ...withoutUndefined(rest),
        session: item.session,
        because: because.flatMap((text) => text ?? []),
      }];
    });
  }

  #policy(
    name: string,
    { path, at, known: { database } }: {
      readonly path: Path;
      readonly at: "key" | "value";
      readonly known: KnownNames;
    },
  ): Policy | undefined {
    if (database === undefined) return undefined;
    const { policies } = database.rules;
    const found = policies.find((policy) => policy.name === name);
    if (found !== undefined) return found;
    const near = didYouMean(name, policies.map(({ name }) => name), '"');
    const message = `no policy of this name is in force on "${database.name}": ${quoted(name)}${near}`;
    this.#problems.report(path, message, at);
  }
}

/** What an expectation may name; undefined if that is unknown. */
interface KnownNames {
  readonly database: DatabaseConfig | undefined;
  readonly ids: ReadonlySet<number> | undefined;
}

/** The keys that all items have that name a session. */
interface SessionReference {
  readonly session?: number | undefined;
  readonly policy?: string | undefined;
  readonly because?: readonly (string | undefined)[] | undefined;
}

function sessionOf(written: WrittenSession, id: number): TrialSession {
  const {
    user = sessionKeys.user.default,
    host = sessionKeys.host.default,
    db = "",
    state = "",
    program = "",
    command = sessionKeys.command.default,
    sql = "",
    started,
    idle_since: idleSince,
    transaction_since: transactionSince,
    ends,
    survives = false,
    attributes = new Map<string, string>(),
    id: _id,
    ...causes
  } = written;
  return {
    id,
    user,
    host,
    db,
    state,
    program,
    command,
    sql,
    ...started !== undefined && { started },
    ...idleSince !== undefined && { idleSince },
    ...transactionSince !== undefined && { transactionSince },
    ...ends !== undefined && { ends },
    survives,
    attributes: withoutUndefined(Object.fromEntries(attributes)),
    causes: withoutUndefined(causes) as Readonly<Record<string, Series>>,
  };
}

function withoutUndefined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;
}
