import type { Run } from "./invocation.ts";
import type { Option } from "./option.ts";

/** A command of the program. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly details: string;
  /** What its arguments are called; a command without them refuses any. */
  readonly arguments?: string;
  /** The only values that an argument can have. */
  argumentChoices?(): readonly string[];
  readonly options: readonly Option[];
  /** Loads only what this command needs. */
  load(): Promise<Run>;
}
