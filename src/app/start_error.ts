/** The program cannot start. The message says why. */
export class StartError extends Error {
  override readonly name = "StartError";
}
