import type { Clause } from "../language/mod.ts";
import type { JournalReader } from "./reader.ts";

/** The version of an exported decision. Fields may be added under the same version; none is renamed or dropped. */
export const EXPORT_VERSION = 1;

/** One decision, as it is exported. JSON-able. */
export interface ExportedDecision {
  readonly version: typeof EXPORT_VERSION;
  /** Grows with time within one journal. */
  readonly id: number;
  /** When it was decided: an ISO text in UTC. */
  readonly at: string;
  readonly database: string;
  /** The server process; empty if it is not known. */
  readonly server: string;
  readonly policy: string;
  /** Of the policy as it was written; empty if it is not known. */
  readonly policy_hash: string;
  readonly action: string;
  /** Null: the program ended before it was known. */
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly digest: string | null;
  readonly digest_text: string | null;
  readonly shape: string | null;
  readonly verb: string | null;
  readonly tables: readonly string[];
  readonly server_digest: string | null;
  readonly tags: Readonly<Record<string, string>>;
  /** Empty texts are unknown, or absent. */
  readonly user: string;
  readonly host: string;
  readonly db: string;
  readonly program: string;
  readonly session: number;
  readonly execution: string | null;
  readonly because: readonly Clause[];
  /** For how long it had run or rested, in milliseconds. */
  readonly time_ms: number | null;
  /** How long the action took, in milliseconds. */
  readonly took_ms: number | null;
  /** Whether an intent was written before it was done; false: nothing was done. */
  readonly intended: boolean;
  readonly note: string | null;
  /** These four are null where an older program has written it. */
  readonly mode: string | null;
  /** The next step after a kill that was survived. */
  readonly escalation: boolean | null;
  readonly command: string | null;
  /** Whether `time_ms` is for how long it had been idle. */
  readonly idle: boolean | null;
}

/** A page of rows is read at once, so that no long reading keeps the log of a running program from being tidied. */
const PAGE = 500;

/** Until a kill without an outcome is this old, it may be under way, in milliseconds. */
const UNDER_WAY = 60_000;

type ExportRow =
  & Omit<
    ExportedDecision,
    "version" | "at" | "tables" | "tags" | "because" | "intended" | "escalation" | "idle"
  >
  & {
    readonly at: number;
    readonly tables: string | null;
    readonly tags: string | null;
    readonly expressions: string;
    readonly evidence: string;
    readonly intended: number;
    readonly escalation: number | null;
    readonly idle: number | null;
  };

const ROWS =
  "SELECT d.id, d.at, b.name AS database, s.name AS server, p.name AS policy, p.hash AS policy_hash, " +
  "a.text AS action, o.text AS outcome, r.text AS reason, g.digest, g.digest_text, nullif(g.shape, '') AS shape, " +
  "g.verb, g.tables, g.server_digest, t.tags, c.user, c.host, c.db, c.program, d.session, d.execution, " +
  "l.expressions, d.evidence, d.time_ms, d.took_ms, d.intended, d.note, " +
  "m.mode, m.escalation, m.command, m.idle FROM decision d " +
  "JOIN database b ON b.id = d.database JOIN server s ON s.id = d.server JOIN policy p ON p.id = d.policy " +
  "JOIN word a ON a.id = d.action JOIN actor c ON c.id = d.actor JOIN clauses l ON l.id = d.clauses " +
  "LEFT JOIN word o ON o.id = d.outcome LEFT JOIN word r ON r.id = d.reason " +
  "LEFT JOIN digest g ON g.id = d.digest LEFT JOIN tags t ON t.id = d.tags " +
  "LEFT JOIN manner m ON m.id = d.manner WHERE d.id > ? ORDER BY d.id LIMIT ?";

/**
 * All decisions in their order, behind the one with an id. It ends before a kill that may be under way, so that what is
 * exported never changes.
 * @param now Milliseconds since 1970.
 * @throws {JournalError}
 */
export function* exportDecisions(
  journal: JournalReader,
  { after, now }: { readonly after: number; readonly now: number },
): Generator<ExportedDecision> {
  for (let last = after;;) {
    const page = journal.all<ExportRow>(ROWS, last, PAGE);
    for (const row of page) {
      if (row.outcome === null && now - row.at < UNDER_WAY) return;
      yield exported(row);
      last = row.id;
    }
    if (page.length < PAGE) return;
  }
}

function exported(row: ExportRow): ExportedDecision {
  const { id, at, expressions, evidence, tables, tags, intended, escalation, idle, ...rest } = row;
  const found = JSON.parse(evidence) as readonly Omit<Clause, "expression">[];
  const because = (JSON.parse(expressions) as readonly string[])
    .map((expression, index) => ({ expression, ...found[index]! }));
  return {
    version: EXPORT_VERSION,
    id,
    at: new Date(at).toISOString(),
    ...rest,
    tables: tables === null ? [] : JSON.parse(tables),
    tags: tags === null ? {} : JSON.parse(tags),
    because,
    intended: intended === 1,
    escalation: escalation === null ? null : escalation === 1,
    idle: idle === null ? null : idle === 1,
  };
}
