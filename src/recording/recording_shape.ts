import { VOCABULARY } from "../mysql/mod.ts";
import type { NameRow } from "../language/mod.ts";
import type { RecordedLook, RecordingHeader } from "./recording.ts";

type Test = (value: unknown) => boolean;

/** Whether the first line of a file is that of a recording. */
export function isRecordingHeader(value: unknown): value is RecordingHeader {
  return isHeader(value);
}

/** Whether a line of a recording is a look, so that it can be replayed without surprises. */
export function isRecordedLook(value: unknown): value is RecordedLook {
  return isLook(value);
}

const isText: Test = (value) => typeof value === "string";
const isNumber: Test = (value) => typeof value === "number";
const isCondition: Test = (value) => typeof value === "boolean";
const isTime: Test = (value) => typeof value === "string" && !Number.isNaN(Date.parse(value));
const isUnknown: Test = (value) =>
  typeof value === "object" && value !== null && hasText(value, "unknown") &&
  (!("atLeast" in value) || isNumber(value.atLeast));

function hasText(value: object, key: string): boolean {
  return typeof (value as Record<string, unknown>)[key] === "string";
}

function either(...tests: readonly Test[]): Test {
  return (value) => tests.some((test) => test(value));
}

const isReading = either(isText, isNumber, isCondition, isUnknown);

function optional(test: Test): Test {
  return (value) => value === undefined || test(value);
}

function listOf(test: Test): Test {
  return (value) => Array.isArray(value) && value.every(test);
}

/** Tests an object: the named keys by their tests, all others by `rest`. */
function objectOf(tests: Readonly<Record<string, Test>>, rest: Test = () => true): Test {
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const found = value as Readonly<Record<string, unknown>>;
    return Object.entries(tests).every(([key, test]) => test(found[key])) &&
      Object.entries(found).every(([key, each]) => key in tests || rest(each));
  };
}

const isHeader = objectOf({
  recording: isNumber,
  version: isText,
  at: isTime,
  hashed: optional(isText),
  databases: listOf(
    objectOf({
      name: isText,
      names: listOf(isText),
      clauses: listOf(isText),
      partial: optional(isCondition),
    }),
  ),
});

const isStatement = objectOf({
  digest: isText,
  digest_text: isText,
  verb: optional(isText),
  tables: listOf(isText),
  tags: objectOf({}, isText),
});

/** What a value of a name may be. */
function isValueOf({ type, always_known }: NameRow): Test {
  const isValue = type === "string" ? isText : type === "boolean" ? isCondition : isNumber;
  return always_known ? isValue : either(isValue, isUnknown);
}

/** The values that the list of sessions shows, except the text of the statement. */
const SHOWN = VOCABULARY.rows.filter(({ scope, costly, statement }) =>
  scope === "session" && !costly && !statement
);

const isSession = objectOf({
  values: objectOf({
    ...Object.fromEntries(SHOWN.map((row) => [row.name, isValueOf(row)])),
    execution: isText,
  }, isReading),
  statement: optional(isStatement),
  truths: listOf((value) => value === null || typeof value === "boolean"),
});

const isLook = objectOf({
  database: isText,
  at: isTime,
  now: isNumber,
  connected: isNumber,
  report: objectOf({
    identity: objectOf({ server: isText, started: isNumber }),
    uptime: isNumber,
    readOnly: isCondition,
  }),
  health: objectOf({}, isReading),
  methods: optional(objectOf({}, isText)),
  own: optional(objectOf({ user: isText, program: isText })),
  counts: optional(objectOf({ running: isNumber, connections: isNumber })),
  sessions: optional(listOf(isSession)),
  asked: optional(listOf(isText)),
  deferred: optional(isCondition),
  decisions: listOf(
    objectOf({ policy: isText, verdict: isText, reason: optional(isText), session: isNumber }),
  ),
});
