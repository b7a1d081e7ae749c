/** Why a statement is not run: whatever it would give is not certain to be what one server would give. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** What to do instead. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
