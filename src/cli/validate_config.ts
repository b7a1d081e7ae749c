import { ConfigError, formatProblem, formatWarning, type LocatedProblem } from "../yaml/mod.ts";
import { type DatabaseReport, databaseReports, describeDatabase, loadConfig } from "../config/mod.ts";
import { findConfigFile } from "./config_file.ts";
import type { Run, Terminal } from "./invocation.ts";

/** What became of one file. This is one line of `--format json`. */
interface Validation {
  readonly file: string;
  readonly valid: boolean;
  readonly errors: readonly LocatedProblem[];
  /** None is looked for where there are errors. */
  readonly warnings: readonly LocatedProblem[];
  /** The files that it includes. */
  readonly included: readonly string[];
  /** `off` where there is none. */
  readonly journal?: string;
  readonly log?: { readonly sql: string };
  readonly databases: readonly DatabaseReport[];
}

/** `query-sniper validate-config`. */
export const validateConfig: Run = async (invocation, terminal) => {
  const files = invocation.arguments.length > 0
    ? invocation.arguments
    : [await findConfigFile(invocation, terminal)];
  const print = invocation.options.get("format") === "json" ? printJson : printText;
  let valid = true;
  for (const file of files) {
    const validation = await validate(file, terminal);
    print(validation, terminal);
    valid &&= validation.valid;
  }
  return valid ? 0 : 2;
};

async function validate(file: string, { environment }: Terminal): Promise<Validation> {
  try {
    const options = { environment, credentials: "if-present", thorough: true } as const;
    const { config, warnings, included } = await loadConfig(file, options);
    const { journal = "off", sql } = config;
    const databases = databaseReports(config);
    return { file, valid: true, errors: [], warnings, included, journal, log: { sql }, databases };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { file, valid: false, errors: error.problems, warnings: [], included: [], databases: [] };
  }
}

function printJson(validation: Validation, terminal: Terminal): void {
  terminal.print(JSON.stringify(validation));
}

/** What is wrong goes to standard error, what was understood to standard output. */
function printText(
  { file, valid, errors, warnings, included, journal, log, databases }: Validation,
  terminal: Terminal,
) {
  for (const error of errors) terminal.warn(formatProblem(error));
  for (const warning of warnings) terminal.warn(formatWarning(warning));
  if (!valid) return;
  const isArmed = databases.some(({ mode }) => mode === "enforce");
  const lines = [
    `${file}: valid`,
    ...included.map((name) => `included: ${name}`),
    ...isArmed ? [`journal: ${journal}`] : [],
    ...log?.sql === "raw" ? ["log: raw SQL"] : [],
    ...databases.flatMap(describeDatabase),
  ];
  terminal.print(...lines);
}
