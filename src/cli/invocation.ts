/** What a command was called with. */
export interface Invocation {
  /** By option name; a switch that was given is an empty text. */
  readonly options: ReadonlyMap<string, string>;
  readonly arguments: readonly string[];
}

/** What a command may use of the process. */
export interface Terminal {
  environment(name: string): string | undefined;
  /** Prints results. Control characters are escaped, so that a line stays one line and cannot control the terminal. */
  print(...lines: readonly string[]): void;
  /** Prints diagnostics, escaped in the same way. */
  warn(...lines: readonly string[]): void;
}

/** Runs a command. Returns its exit code: 0 done, 1 something could not be done, 2 wrong input. */
export type Run = (invocation: Invocation, terminal: Terminal) => Promise<number>;
