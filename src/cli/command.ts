import type { Run } from "./invocation.ts";
import type { Option } from "./option.ts";

/** A command of the program. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly details: string;
  /** The name of its arguments in the help; a command without a name takes none. */
  readonly arguments?: string;
  /** The only values that an argument can have. */
  argumentChoices?(): readonly string[];
  readonly options: readonly Option[];
  /** Loads the command's code, and only that. */
  load(): Promise<Run>;
}
