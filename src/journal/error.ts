/** The journal cannot be read or written, in words. Where it cannot be written there is no kill. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}
