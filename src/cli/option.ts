import { LOG_FORMATS, LOG_LEVELS } from "../log/event_log.ts";

/** An option of the command line. */
export interface Option {
  readonly name: string;
  readonly short?: string;
  /** What its value is called in the help; an option without one is a switch. */
  readonly value?: string;
  /** The only values that it can have. */
  readonly choices?: readonly string[];
  readonly help: string;
}

/** Every option. A command names the ones that it takes. */
export const OPTIONS = {
  config: {
    name: "config",
    short: "c",
    value: "FILE",
    help:
      "the configuration; else $QUERY_SNIPER_CONFIG, ./query-sniper.yaml, /etc/query-sniper/query-sniper.yaml",
  },
  dryRun: {
    name: "dry-run",
    help: "decide and log, never kill, whatever the configuration says",
  },
  maxTime: {
    name: "max-time",
    value: "DURATION",
    help: "end after this long at the latest (default 50s, at most 1h)",
  },
  logFormat: {
    name: "log-format",
    value: "FORMAT",
    choices: LOG_FORMATS,
    help: "auto (default): pretty on a terminal, else json",
  },
  logLevel: {
    name: "log-level",
    value: "LEVEL",
    choices: LOG_LEVELS,
    help: "the least level that is written (default info)",
  },
  help: { name: "help", short: "h", help: "show this help" },
  version: { name: "version", short: "V", help: "show the version" },
} as const satisfies Readonly<Record<string, Option>>;
