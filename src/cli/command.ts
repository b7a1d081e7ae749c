import type { Run } from "./invocation.ts";
import { type Option, OPTIONS } from "./option.ts";

/** A command of the program. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly details: string;
  /** What its arguments are called; a command without them refuses any. */
  readonly arguments?: string;
  readonly options: readonly Option[];
  /** Loads only what this command needs. */
  load(): Promise<Run>;
}

const { config, dryRun, maxTime, logFormat, logLevel } = OPTIONS;

/** Every command: this table makes parsing and help. */
export const COMMANDS: readonly Command[] = [
  {
    name: "run",
    summary: "watch all databases until SIGTERM or SIGINT",
    details: "The service. A database that cannot be reached is tried again, and holds up no other.",
    options: [config, dryRun, logFormat, logLevel],
    load: async () => (await import("./run.ts")).run,
  },
  {
    name: "once",
    summary: "look once at all databases, for cron",
    details:
      "Goes on looking while the gate of a policy with `for` is open, and until the effect of its kills\n" +
      "is seen. Exits with 1 where a database could not be reached or a kill was denied.",
    options: [config, dryRun, maxTime, logFormat, logLevel],
    load: async () => (await import("./run.ts")).once,
  },
  {
    name: "validate-config",
    summary: "check configuration files, without connecting anywhere",
    details:
      "Prints all errors at once, or else what was understood. Credentials are checked where they exist.",
    arguments: "[FILE…]",
    options: [config],
    load: async () => (await import("./validate_config.ts")).validateConfig,
  },
];
