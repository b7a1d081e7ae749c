import { LEVELS } from "../../policy/mod.ts";
import { REPORTED_OUTCOMES } from "../../events/mod.ts";
import { REPORT_SCHEMA } from "./report_schema.ts";
import {
  COUNT,
  FLAG,
  list,
  mapOf,
  MILLISECONDS,
  MOMENT,
  NUMBER,
  object,
  oneOf,
  orNull,
  ref,
  type Schema,
  TEXT,
  told,
} from "./schema.ts";

const MODE = oneOf("dry-run", "enforce");
const REACH = oneOf("connecting", "watched", "unreachable");
const GATE_STATE = oneOf("open", "closed", "unknown");

const GATE = {
  policy: TEXT,
  mode: told(MODE, "what the policy does there when it acts"),
  state: GATE_STATE,
  since: MOMENT,
  "before?": told(GATE_STATE, "the state before that one"),
  ready: told(FLAG, "it has been open for as long as the policy asks"),
  because: told(list(ref("Clause")), "what decided; empty for a policy without a gate"),
};

const SESSION = object({
  id: { type: "integer" },
  user: told(orNull(TEXT), "null if the server does not tell"),
  host: orNull(TEXT),
  "definer?": TEXT,
  "client?": told(
    object({
      ...{ proxy: TEXT, session: NUMBER, user: TEXT, host: TEXT },
      ...{ "port?": NUMBER, "hostgroup?": NUMBER },
    }),
    "whose it is, behind a proxy",
  ),
  db: TEXT,
  "program?": TEXT,
  "command?": TEXT,
  "waits_for?": list({ type: "integer" }),
  "time_ms?": told(NUMBER, "for how long its statement has run; in a history: had run or rested"),
  "idle_time_ms?": NUMBER,
});

const STATEMENT = object({
  digest: TEXT,
  digest_text: told(TEXT, "the statement without its literals"),
  "server_digest?": TEXT,
  "verb?": TEXT,
  tables: list(TEXT),
  tags: mapOf(TEXT),
  "sql?": told(TEXT, "only with `log: { sql: raw }`"),
});

const DECISION = {
  at: MOMENT,
  level: oneOf(...LEVELS),
  event: told(oneOf("kill", "match"), "`match`: of a policy that only logs"),
  database: TEXT,
  policy: TEXT,
  action: TEXT,
  "reason?": told(TEXT, "why it was not tried"),
  "took_ms?": MILLISECONDS,
  "note?": TEXT,
  because: list(ref("Clause")),
  session: ref("Session"),
  "statement?": ref("Statement"),
};

const DATABASE = {
  name: TEXT,
  "group?": TEXT,
  mode: MODE,
  hurt: told(FLAG, "a gate is open, of a policy that has one"),
  reach: REACH,
  "reason?": told(TEXT, "why it is unreachable"),
  "advice?": TEXT,
  since: told(MOMENT, "since when it is reached, or not"),
  "flavor?": TEXT,
  "version?": TEXT,
  "encrypted?": FLAG,
  "read_only?": FLAG,
  interval_ms: MILLISECONDS,
  "looked_at?": MOMENT,
  "took_ms?": MILLISECONDS,
  values: told(
    mapOf({ type: ["number", "string", "boolean", "null"] }),
    "what the policies ask for, by the names of the policy language; durations in milliseconds, null: unknown",
  ),
  limits: mapOf(NUMBER),
  gates: list(ref("Gate")),
  "lease?": object({
    state: oneOf("held", "elsewhere", "unavailable"),
    since: MOMENT,
    "holder?": TEXT,
    "reason?": TEXT,
  }),
  "hold?": told(object({ reason: TEXT, "note?": TEXT }), "why nothing is killed there now"),
  "paused?": told(TEXT, "why kills are paused there, by whom, and until when"),
  budget: oneOf("free", "spent"),
  looks: COUNT,
  errors: COUNT,
  skipped: COUNT,
  late: COUNT,
  outcomes: told(mapOf(mapOf(COUNT)), "by policy and outcome, since the program began"),
  spared: told(mapOf(COUNT), "by reason"),
  recent: told(
    list(object({ at: MOMENT, policy: TEXT, outcome: TEXT })),
    "the kills of the last minutes, dry ones included",
  ),
};

const TRACE = list(orNull(NUMBER));

/** The schemas of the document, by name. */
export const SCHEMAS: Readonly<Record<string, Schema>> = {
  Error: object({ error: TEXT }),
  Clause: object({ expression: TEXT, left: TEXT, "right?": TEXT, "by?": TEXT }),
  Session: SESSION,
  Statement: STATEMENT,
  Gate: object(GATE),
  Database: object(DATABASE),
  DatabaseDetails: object({
    ...DATABASE,
    traces: told(
      object({ step_ms: MILLISECONDS, lag: TRACE, hll: TRACE }),
      "the worst value in each step of the last minutes, the newest last; null: nothing is known",
    ),
  }),
  DatabaseGate: object({ database: TEXT, ...GATE }),
  Decision: object({
    ...DECISION,
    mode: MODE,
    "escalation?": FLAG,
    "outcome?": oneOf(...Object.keys(REPORTED_OUTCOMES)),
  }),
  PastDecision: object({ ...DECISION, "outcome?": told(TEXT, "`open`: not known yet") }),
  Pause: object({
    "database?": told(TEXT, "absent: all databases"),
    reason: TEXT,
    by: TEXT,
    at: MOMENT,
    "until?": told(MOMENT, "absent: until somebody resumes"),
  }),
  Pauses: object({
    paused: list(ref("Pause")),
    "pause_file?": told(
      object({ file: TEXT, reason: TEXT }),
      "it pauses all databases, and only its removal ends that",
    ),
    "broken?": told(
      object({ file: TEXT, reason: TEXT }),
      "the list of pauses cannot be read, which pauses all databases",
    ),
  }),
  PauseRequest: object({
    "database?": told({ type: "string", minLength: 1 }, "absent: all databases"),
    reason: { type: "string", minLength: 1, maxLength: 200 },
    "by?": { type: "string", minLength: 1, maxLength: 80 },
    "duration?": told(TEXT, "such as `10m`, at most 7d; absent: until somebody resumes"),
  }),
  ResumeRequest: object({
    "database?": told({ type: "string", minLength: 1 }, "absent: what pauses all databases"),
    "reason?": { type: "string", minLength: 1, maxLength: 200 },
    "by?": { type: "string", minLength: 1, maxLength: 80 },
  }),
  Status: object({
    version: TEXT,
    config: told(TEXT, "the configuration file"),
    started: MOMENT,
    now: MOMENT,
    databases: object({
      total: COUNT,
      connecting: COUNT,
      watched: COUNT,
      unreachable: COUNT,
      armed: COUNT,
      hurt: COUNT,
    }),
    gates_open: object({ enforce: COUNT, dry_run: COUNT }),
    "last_look?": MOMENT,
    outcomes: told(mapOf(COUNT), "of all databases and policies, since the program began"),
    lease: object({ held: COUNT, elsewhere: COUNT, unavailable: COUNT }),
    "journal?": object({ file: TEXT, "usable?": told(FLAG, "absent: nothing is armed") }),
    paused: list(ref("Pause")),
    "pause_file?": object({ file: TEXT, reason: TEXT }),
    "broken?": object({ file: TEXT, reason: TEXT }),
  }),
  Readiness: object({
    ready: FLAG,
    reasons: list(TEXT),
    databases: object({ connecting: COUNT, watched: COUNT, unreachable: COUNT }),
  }),
  History: object({
    from: MOMENT,
    to: MOMENT,
    decisions: list(ref("PastDecision")),
    covered: told(list(TEXT), "what that covers, in words"),
  }),
  Report: REPORT_SCHEMA,
};
