/** Why a request is not answered: a status, and words that repeat nothing of it. */
export interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The body of a refusal: JSON for programs, plain words for people. */
export function refusalBody(
  { error }: Refusal,
  path: string,
): { readonly type: string; readonly text: string } {
  return isForPrograms(path)
    ? { type: "application/json", text: `${JSON.stringify({ error })}\n` }
    : { type: "text/plain; charset=utf-8", text: `${error}\n` };
}

const FOR_PROGRAMS = /^\/(?:(?:api|v1|healthz)(?:\/.*)?|login|logout|shutdown)$/;

/** Whether a path is one of an API. */
export function isForPrograms(path: string): boolean {
  return path !== "/healthz" && FOR_PROGRAMS.test(path);
}
