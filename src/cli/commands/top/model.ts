import type { DatabaseState } from "../../../http/fleet/mod.ts";
import type { Clause } from "../../../language/mod.ts";
import type { Kill } from "../../../policy/mod.ts";
import type { LookExplanation, SessionExplanation } from "../explain/explanation.ts";

/** Everything that the screen shows. Moments are milliseconds since 1970. */
export interface Model {
  readonly now: number;
  readonly view: "fleet" | "database";
  readonly databases: readonly DatabaseState[];
  /** The database that the cursor is on, by its name. */
  readonly chosen?: string;
  /** The database whose sessions are shown. */
  readonly opened?: string;
  /** Its last look; absent before the first. */
  readonly look?: LookExplanation;
  /** The session that the cursor is on, by its id. */
  readonly session?: number;
  /** Shows every session, and not only those that a policy may select. */
  readonly every: boolean;
  /** Shows only what has this text. */
  readonly filter: string;
  /** The filter is being typed. */
  readonly isTyping: boolean;
  /** Since when the display stands still; absent: it does not. */
  readonly frozen?: number;
  readonly help: boolean;
  /** Why nothing is killed from this host. */
  readonly paused?: string;
  /** The kill that waits for a `y`. */
  readonly asked?: Asked;
  readonly note?: Note;
}

/** A kill that a person may confirm. */
export interface Asked {
  readonly database: string;
  readonly action: Kill;
  /** What else may be done to it. */
  readonly other?: Kill;
  readonly session: SessionExplanation;
  /** What it runs, or since when it rests: nothing else is killed. */
  readonly execution: string;
  /** What would be lost by it. */
  readonly costs: readonly Clause[];
}

/** What became of something that a person did. */
export interface Note {
  readonly text: string;
  readonly tone: "good" | "bad" | "plain";
}

export const FIRST_MODEL: Omit<Model, "now"> = {
  view: "fleet",
  databases: [],
  every: false,
  filter: "",
  isTyping: false,
  help: false,
};
