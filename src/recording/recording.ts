import { createHash, randomBytes } from "node:crypto";
import type {
  Policy,
  Rules,
  SelfReport,
  SessionCounts,
  SkipReason,
  Snapshot,
  Verdict,
} from "../policy/mod.ts";
import type { StatementReport } from "../events/mod.ts";
import type { Unknown, Value, Vocabulary } from "../language/mod.ts";

/** The format of recordings that this program writes, and the only one that it reads. */
export const FORMAT = 1;

/** The first line of a recording. */
export interface RecordingHeader {
  /** The format, {@linkcode FORMAT}. */
  readonly recording: number;
  /** The version of the program that wrote it. */
  readonly version: string;
  /** When it began, in ISO format. */
  readonly at: string;
  /** Names are hashed with a key that is not kept; clauses are hashed with this salt. */
  readonly hashed?: string;
  readonly databases: readonly RecordedDatabase[];
}

/** A database in the header. */
export interface RecordedDatabase {
  readonly name: string;
  /** The names of the language whose values are recorded. */
  readonly names: readonly string[];
  /** The clauses about values that are not recorded. Only their truth is: {@linkcode clauseKey} of each. */
  readonly clauses: readonly string[];
  /** Only what policies asked for was read; each look says for which questions its sessions were read. */
  readonly partial?: true;
}

/** One look at one database: a line of a recording. */
export interface RecordedLook {
  readonly database: string;
  /** When, in ISO format. */
  readonly at: string;
  /** The same by the clock's `now`, in milliseconds. */
  readonly now: number;
  /** When the connection to the server was made, by the clock's `now`. */
  readonly connected: number;
  readonly report: SelfReport;
  readonly health: RecordedValues;
  readonly methods?: Snapshot["methods"];
  readonly own?: Snapshot["own"];
  readonly counts?: SessionCounts;
  /** Absent if none were read, or if the account cannot see those of others. */
  readonly sessions?: readonly RecordedSession[];
  /** {@linkcode questionOf} of each policy that the sessions were read for; absent if all sessions were read. */
  readonly asked?: readonly string[];
  /** Nothing was decided, because transactions and locks may not be read again so soon. */
  readonly deferred?: true;
  /** What the recorder's own policies decided, as a rehearsal. */
  readonly decisions: readonly RecordedDecision[];
}

/** One session at a look. */
export interface RecordedSession {
  /** Values by the names of the language, without `sql`. */
  readonly values: RecordedValues;
  /** Absent if none is running, or if its text is unknown. */
  readonly statement?: StatementReport;
  /** In the order of the database's `clauses`; null is unknown. */
  readonly truths: readonly (boolean | null)[];
}

/** Values by name. */
export type RecordedValues = Readonly<Record<string, Value | Unknown>>;

/** A decision of the recorder's own policies on a session. */
export interface RecordedDecision {
  readonly policy: string;
  readonly verdict: Verdict["verdict"];
  readonly reason?: SkipReason;
  readonly session: number;
}

/** The last line of a recording that was not cut off. */
export interface RecordingEnd {
  readonly end: string;
}

/**
 * The sessions a policy asks for, as a text that includes its limits: policies with the same question ask for the same
 * sessions.
 */
export function questionOf({ where, then }: Policy, limits: Rules["limits"]): string {
  const values = where.limits.map((name) => `, limits.${name} = ${limits[name]}`);
  return `${then}: ${where.source}${values.join("")}`;
}

/** The account that a session is shown under inside a routine. It is recorded besides the names of the language. */
const DEFINER = "definer";

/** Whether the values of a name are hidden in a recording. */
export function isHidden(
  name: string,
  { hashed, vocabulary }: Pick<RecordingHeader, "hashed"> & { readonly vocabulary: Vocabulary },
): boolean {
  const row = vocabulary.row(name);
  if (row?.statement) return true;
  return hashed !== undefined && (row?.private === true || name === DEFINER);
}

/** Hashes with a key that nobody knows: equal texts stay equal, and cannot be recovered. */
export function newKeyedHash(): (text: string) => string {
  const key = randomBytes(32);
  // No HMAC: the runtime of the compiled program prints a deprecation warning for each.
  return (text) => createHash("sha256").update(key).update(text).digest("hex").slice(0, 12);
}

/** The key of a clause in a recording: its text, or a hash of it if the text may reveal names. */
export function clauseKey(text: string, { hashed }: Pick<RecordingHeader, "hashed">): string {
  if (hashed === undefined) return text;
  return createHash("sha256").update(`${hashed} ${text}`).digest("hex").slice(0, 16);
}
