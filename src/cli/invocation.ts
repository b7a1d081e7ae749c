/** What a command was called with. */
export interface Invocation {
  /** By option name; a switch that was given is an empty text. */
  readonly options: ReadonlyMap<string, string>;
  readonly arguments: readonly string[];
}

/** What a command may use of the process. */
export interface Terminal {
  environment(name: string): string | undefined;
  /** Results. Whatever is in a line stays on it, and nothing in it acts on the terminal. */
  print(...lines: readonly string[]): void;
  /** Diagnostics, in the same way. */
  warn(...lines: readonly string[]): void;
}

/** Runs a command. Returns its exit code: 0 done, 1 something could not be done, 2 wrong input. */
export type Run = (invocation: Invocation, terminal: Terminal) => Promise<number>;
