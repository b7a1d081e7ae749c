export type { TrialFailure } from "./failure.ts";
export type { GroupTrial } from "./group_trial.ts";
export { judge } from "./judge.ts";
export { loadTrials } from "./load_trials.ts";
export { time } from "./reason.ts";
export type { Trial } from "./trial.ts";
