import { asksForValue, type Expression, type Subject, valuesNamed } from "../language/mod.ts";
import type { Consent, Session } from "../policy/mod.ts";
import { isDumpProgram, mayHoldDump } from "./dump_program.ts";

/** Verbs that a policy must name before it may kill them: they are expensive to repeat, or do harm when half done. */
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

/** A policy must name the verb; for a dump, the verb or the program. */
export const CONSENT: Consent = {
  name: "verb",
  free: ["select", "insert", "update", "delete", "replace"],
  isMissing: (where, session, subject) =>
    isOfDump(session) ? !namesDump(where, subject) : needsVerb(session) && !namesVerb(where, session),
};

/** Whether a policy must name the verb to select a session. True if the verb is unknown. */
function needsVerb({ running, verb }: Session): boolean {
  return running && (typeof verb !== "string" || NEEDS_VERB.has(verb));
}

/** Whether a session is, or may be, part of a dump, even while it runs no statement. */
function isOfDump({ running, program }: Session): boolean {
  return running ? isDumpProgram(program) : mayHoldDump(program);
}

function namesVerb(where: Expression, { verb }: Session): boolean {
  return typeof verb === "string" && valuesNamed(where, CONSENT.name).has(verb);
}

function namesDump(where: Expression, subject: Subject): boolean {
  return valuesNamed(where, CONSENT.name).has("dump") || asksForValue(where, "program", subject);
}
