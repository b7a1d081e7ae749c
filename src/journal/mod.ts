export { Chronicle } from "./chronicle.ts";
export { JournalError } from "./error.ts";
export { readJournal } from "./open.ts";
export type { PoliciesInForce, PolicyInForce } from "./policies.ts";
export { type Abandoned, Journal } from "./store.ts";
export type { DigestCount } from "./executions.ts";
export { journalProblem } from "./trial.ts";
