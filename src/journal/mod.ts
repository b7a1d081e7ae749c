export { JournalError } from "./error.ts";
export { readJournal } from "./open.ts";
export type { PoliciesInForce, PolicyInForce } from "./policies.ts";
export { type Abandoned, Journal } from "./store.ts";
export { journalProblem } from "./trial.ts";
