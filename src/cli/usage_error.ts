/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** The name of the command whose help tells more, if any. */
  readonly command: string | undefined;

  constructor(message: string, command?: string) {
    super(message);
    this.command = command;
  }
}
