export { type Abandoned, Journal, JournalError } from "./store.ts";
export { journalProblem } from "./trial.ts";
