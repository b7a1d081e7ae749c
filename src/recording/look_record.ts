import type { DatabaseConfig } from "../config/mod.ts";
import { type Decision, everyNeed, needsOf, type Rules, type Session, type Snapshot } from "../policy/mod.ts";
import { isServerUser } from "../mysql/mod.ts";
import { redactStatement, statementReading, type StatementReport } from "../events/mod.ts";
import {
  type HiddenClause,
  hiddenClauses,
  isUnknown,
  type Subject,
  type Vocabulary,
} from "../language/mod.ts";
import type { Look } from "../look/mod.ts";
import {
  clauseKey,
  isHidden,
  questionOf,
  type RecordedDatabase,
  type RecordedDecision,
  type RecordedLook,
  type RecordedSession,
  type RecordedValues,
  type RecordingHeader,
} from "./recording.ts";

export interface RecordOptions extends Pick<RecordingHeader, "hashed"> {
  /** Hashes a text with a key that is not kept: equal texts stay equal. */
  hash(text: string): string;
  /** The looks come from a watcher, which reads only what its policies ask for. */
  readonly partial?: true;
}

/** Makes the records of the looks at one database. */
export interface LookRecord {
  /** The header entry of the database. */
  readonly kept: RecordedDatabase;
  /** @param connected When the connection was made, by the clock's `now`. */
  record(found: Look, connected: number): RecordedLook;
}

/** Makes the records of the looks at a database, without any literal of a statement. */
export function newLookRecord(
  { name, rules }: Pick<DatabaseConfig, "name" | "rules">,
  recordOptions: RecordOptions,
): LookRecord {
  const { partial } = recordOptions;
  const options: Writing = { ...recordOptions, vocabulary: rules.domain.vocabulary };
  const clauses = clausesOf(rules, options);
  const names = namesRead(rules, partial).filter((name) => !isHidden(name, options));
  const keys = [...clauses.keys()].map((text) => clauseKey(text, options));
  return {
    kept: { name, names, clauses: keys, ...partial && { partial } },
    record(found, connected) {
      const { moment: { now, wall }, report: { report, methods }, snapshot, decisions } = found;
      const { identity: { server, started } } = report;
      const context = { options, clauses: [...clauses.values()], rules };
      const { gates, deferred } = found;
      const ready = rules.policies.filter((_, index) => gates[index]!.ready);
      return {
        database: name,
        at: new Date(wall).toISOString(),
        now,
        connected,
        report: { ...report, identity: { server: nameValue(server, options), started } },
        health: valuesOf(found.report.health, options),
        ...methods !== undefined && { methods },
        ...snapshot !== undefined && snapshotPart(snapshot, context),
        ...partial && { asked: ready.map((policy) => questionOf(policy, rules.limits)) },
        ...deferred && { deferred },
        decisions: decisions.map(decisionPart),
      };
    },
  };
}

/** The names that a look has; for a watcher's looks, those that its policies ask for. */
function namesRead(rules: Rules, partial: true | undefined): readonly string[] {
  const { health, causes } = partial ? needsOf(rules) : everyNeed(rules);
  const tags = rules.tags.map((tag) => `tag.${tag}`);
  const shown = rules.domain.vocabulary.rows.filter(({ scope, costly }) => scope === "session" && !costly);
  return [...new Set([...health, ...causes, ...tags, ...shown.map(({ name }) => name)])];
}

/** The options, with the vocabulary. */
type Writing = RecordOptions & { readonly vocabulary: Vocabulary };

/** The clauses about hidden values, by their text. */
function clausesOf(
  { policies, protect }: Rules,
  options: Writing,
): ReadonlyMap<string, HiddenClause> {
  const expressions = [...policies.map(({ where }) => where), ...protect];
  const clauses = expressions.flatMap((each) => hiddenClauses(each, (name) => isHidden(name, options)));
  return new Map(clauses.map((clause) => [clause.text, clause]));
}

interface Context {
  readonly options: Writing;
  readonly clauses: readonly HiddenClause[];
  readonly rules: Rules;
}

function snapshotPart(
  { own, counts, health, methods = {}, sessions }: Snapshot,
  { options, clauses, rules: { limits } }: Context,
): Partial<RecordedLook> {
  return {
    own: { user: nameValue(own.user, options), program: nameValue(own.program, options) },
    ...counts !== undefined && { counts },
    sessions: sessions.map((session): RecordedSession => {
      const statement = statementPart(session, options);
      const subject: Subject = { limits, database: health, methods, session };
      return {
        values: sessionValues(session, options),
        ...statement !== undefined && { statement },
        truths: clauses.map(({ evaluate }) => evaluate(subject) ?? null),
      };
    }),
  };
}

function sessionValues(
  { sql: _sql, shown: _shown, server_digest: _digest, execution, ...rest }: Session,
  options: Writing,
): RecordedValues {
  // If the server has nothing better, the identity is made from the text.
  return { ...valuesOf(rest, options), execution: execution === "" ? "" : options.hash(execution) };
}

function statementPart(session: Session, { hashed, hash }: RecordOptions): StatementReport | undefined {
  const reading = statementReading(session);
  if (reading === undefined) return undefined;
  const { server_digest: _, ...statement } = redactStatement(reading);
  if (hashed === undefined) return statement;
  const { digest, tables } = statement;
  return { ...statement, digest: hash(digest), digest_text: "", tables: tables.map(hash), tags: {} };
}

function decisionPart(decision: Decision): RecordedDecision {
  const { policy, verdict, session } = decision;
  return {
    policy,
    verdict,
    ...decision.verdict === "skip" && { reason: decision.reason },
    session: session.id,
  };
}

function valuesOf(readings: Readonly<Record<string, unknown>>, options: Writing): RecordedValues {
  return Object.fromEntries(
    Object.entries(readings).map(([name, reading]) => [name, valueOf(name, reading, options)]),
  );
}

function valueOf(name: string, reading: unknown, options: Writing): RecordedValues[string] {
  // Messages of a server can name an account or a table.
  if (isUnknown(reading)) return options.hashed === undefined ? reading : { ...reading, unknown: "not told" };
  switch (typeof reading) {
    case "string":
      return isHidden(name, options) ? nameValue(reading, options) : reading;
    case "number":
      return Number.isFinite(reading) ? reading : { unknown: "not a number" };
    case "boolean":
      return reading;
    default:
      return { unknown: "not recorded" };
  }
}

/** The accounts of servers are no secret: policies never select them anyway. */
function nameValue(text: string, { hashed, hash }: RecordOptions): string {
  return hashed === undefined || isServerUser(text) ? text : hash(text);
}
