import { asksForValue, type Expression, type Subject, valuesNamed } from "../language/mod.ts";
import type { Consent, Session } from "../policy/mod.ts";
import { isDumpProgram, mayHoldDump } from "./dump_program.ts";

/** Verbs that a policy must name to kill them: they are costly to repeat, or worse when half done. */
const NEEDS_VERB: ReadonlySet<string> = new Set([
  "alter",
  "analyze",
  "backup",
  "begin",
  "binlog",
  "cache",
  "check",
  "checksum",
  "create",
  "drop",
  "dump",
  "flush",
  "grant",
  "import",
  "kill",
  "load",
  "lock",
  "optimize",
  "other",
  "rename",
  "repair",
  "reset",
  "revoke",
  "truncate",
  "unlock",
]);

/** What a policy must name: the verb; for a dump, the verb or its program. */
export const CONSENT: Consent = {
  name: "verb",
  free: ["select", "insert", "update", "delete", "replace"],
  isMissing: (where, session, subject) =>
    isOfDump(session) ? !namesDump(where, subject) : needsVerb(session) && !namesVerb(where, session),
};

/** Whether only a policy that names its verb may select a session. True if the verb is unknown. */
function needsVerb({ running, verb }: Session): boolean {
  return running && (typeof verb !== "string" || NEEDS_VERB.has(verb));
}

/** Whether a session belongs to a dump, even while it reads nothing: only a policy that names it may select it. */
function isOfDump({ running, program }: Session): boolean {
  return running ? isDumpProgram(program) : mayHoldDump(program);
}

function namesVerb(where: Expression, { verb }: Session): boolean {
  return typeof verb === "string" && valuesNamed(where, CONSENT.name).has(verb);
}

function namesDump(where: Expression, subject: Subject): boolean {
  return valuesNamed(where, CONSENT.name).has("dump") || asksForValue(where, "program", subject);
}
