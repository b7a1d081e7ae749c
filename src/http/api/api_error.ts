/** What a request is answered in place of what it asked for. The message says what is wrong, and what was found. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: 400 | 404 | 409 | 503;

  constructor(status: ApiError["status"], message: string) {
    super(message);
    this.status = status;
  }
}
