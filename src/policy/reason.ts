/** Everything the program has to know about a reason. */
interface ReasonRow {
  readonly meaning: string;
  /** Whether later policies are not asked about the session: it does not fall through. */
  readonly claims: boolean;
  /** Nothing at all is killed on the database for now. */
  readonly holds_all: boolean;
  /** It cannot change during an execution. */
  readonly for_good: boolean;
  /** Whether a policy test can produce it. */
  readonly in_tests: boolean;
}

const OF_SESSION = { claims: false, holds_all: false, for_good: false, in_tests: true } as const;
const OF_DATABASE = { claims: true, holds_all: true, for_good: false, in_tests: false } as const;

const TABLE = {
  protected: { ...OF_SESSION, meaning: "a condition of `protect` holds", claims: true },
  "protected-unknown": {
    ...OF_SESSION,
    meaning: "a condition of `protect` may hold: what it asks for could not be read",
    claims: true,
  },
  "needs-verb": {
    ...OF_SESSION,
    meaning: "only a policy that names its `verb`, or a dump's `program`, may select it",
  },
  unknown: { ...OF_SESSION, meaning: "something that every kill depends on could not be read" },
  "rollback-cost": {
    ...OF_SESSION,
    meaning: "its transaction has changed too many rows, or nobody knows how many",
  },
  holds: {
    ...OF_SESSION,
    meaning: "the idle connection holds a lock, or has a table open, and the policy does not name that",
    for_good: true,
  },
  pooled: {
    ...OF_SESSION,
    meaning: "a proxy keeps the connection for its next client: it is nobody's",
    claims: true,
  },
  proxied: {
    ...OF_SESSION,
    meaning: "the client comes through a proxy, or may do so, which cannot be asked to end its session; " +
      "the server must not, since the proxy would run the statement again",
    in_tests: false,
  },
  budget: { ...OF_SESSION, meaning: "the kills of the database, or their share, are spent", claims: true },
  "victims-limit": { ...OF_SESSION, meaning: "the policy's `victims` has a limit, and others came first" },
  settle: { ...OF_SESSION, meaning: "the policy waits for the effect of its last round" },
  "gave-up": {
    ...OF_SESSION,
    meaning: "the policy's rounds improved nothing; it waits until its gate has closed",
  },
  grace: {
    ...OF_DATABASE,
    meaning: "the program has just connected, or the server has restarted or changed its role",
    in_tests: true,
  },
  denied: {
    ...OF_SESSION,
    meaning: "the server refused to kill sessions of this account before",
    claims: true,
    in_tests: false,
  },
  paused: { ...OF_DATABASE, meaning: "kills are paused; `note` says why" },
  journal: { ...OF_DATABASE, meaning: "the journal cannot be written" },
  lease: { ...OF_DATABASE, meaning: "another program holds the lease, or nobody knows who does" },
  stale: {
    ...OF_SESSION,
    meaning: "it was decided more than a second ago, or could not be read again",
    claims: true,
    in_tests: false,
  },
} as const;

/** Why a selected session is not acted on. */
export type SkipReason = keyof typeof TABLE;

/** Every reason. A new one is a new row here. */
export const REASONS: Readonly<Record<SkipReason, ReasonRow>> = TABLE;

type ReasonThat<Column extends keyof ReasonRow> = {
  [R in SkipReason]: typeof TABLE[R][Column] extends true ? R : never;
}[SkipReason];

/** Why nothing at all is killed on a database for now. */
export type HoldReason = ReasonThat<"holds_all">;

/** A reason that a policy test may expect. */
export type TestedReason = ReasonThat<"in_tests">;

/** The reasons for which a column says yes. */
export function reasonsThat<C extends Exclude<keyof ReasonRow, "meaning">>(
  column: C,
): readonly ReasonThat<C>[] {
  return (Object.keys(REASONS) as SkipReason[])
    .filter((reason): reason is ReasonThat<C> => REASONS[reason][column]);
}
