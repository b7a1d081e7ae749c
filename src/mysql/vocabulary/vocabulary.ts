import { type NameRow, type Vocabulary, vocabularyOf } from "../../language/mod.ts";
import { COSTLY_NAMES } from "./costly_names.ts";
import { DATABASE_NAMES } from "./database_names.ts";
import { FAMILIAR_NAMES, UNREAD_NAMES } from "./familiar_names.ts";
import { FAMILIES } from "./families.ts";
import { PROXIED_NAMES } from "./proxied_names.ts";
import type { Row } from "./row.ts";
import { SESSION_NAMES } from "./session_names.ts";

/** A name of a database's value. */
export type DatabaseName = typeof DATABASE_NAMES[number]["name"];
/** A name of a session's value that needs a read of its own. */
export type CostlyName = CostlyRow["name"];

type CostlyRow = typeof COSTLY_NAMES[number] | typeof PROXIED_NAMES[number];
const COSTLY: readonly (CostlyRow & Row)[] = [...COSTLY_NAMES, ...PROXIED_NAMES];
/** A name of a session's value. */
export type SessionName = typeof SESSION_NAMES[number]["name"] | CostlyName;

/** The costly names that are read together. */
export type CostlyPart<P> = Extract<CostlyRow, { readonly part_of: P }>["name"];

/** The costly names that are read together. */
export function namesOfPart<P extends "transaction" | "locks" | "holds" | "proxied">(
  part: P,
): readonly CostlyPart<P>[] {
  return COSTLY.filter(({ part_of }) => part_of === part).map(({ name }) => name as CostlyPart<P>);
}

/** The vocabulary of databases. */
export const VOCABULARY: Vocabulary = vocabularyOf({
  rows: [
    ...DATABASE_NAMES.map((row): NameRow => ({ ...row, scope: "database" })),
    ...SESSION_NAMES.map((row): NameRow => ({ ...row, scope: "session" })),
    ...COSTLY.map((row): NameRow => ({ ...row, scope: "session", costly: true })),
  ],
  families: FAMILIES,
  familiar: FAMILIAR_NAMES,
  unread: UNREAD_NAMES,
});
