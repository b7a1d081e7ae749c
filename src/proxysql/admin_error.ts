import { DatabaseError } from "../connection/mod.ts";
import { TargetError } from "../target/mod.ts";
import { messageOf } from "../text/message.ts";

/**
 * What went wrong at an admin interface. All of its errors have one number, so these are told apart by their texts:
 * `unreachable`, no connection could be made; `wedged`, it does not answer in time; `login`, it does not let this user in;
 * `foreign`, what answers is no admin interface; `busy`, a statement is under way; `lost`, the connection broke;
 * `unknown`, it does not know what the statement names: of another version, or this user may read statistics only;
 * `read-only`, it takes no changes; `paused` and `not-paused`, it is so already; `no-session`, there is no such session;
 * `statement`, any other refusal.
 */
export type AdminErrorKind =
  | "unreachable"
  | "wedged"
  | "login"
  | "foreign"
  | "busy"
  | "lost"
  | "unknown"
  | "read-only"
  | "paused"
  | "not-paused"
  | "no-session"
  | "statement";

/** After these the connection is none any more, or there was none. */
export const BROKEN: ReadonlySet<AdminErrorKind> = new Set([
  "unreachable",
  "wedged",
  "login",
  "foreign",
  "lost",
]);

/** After these it is certain that what was sent was not done. */
export const NOT_DONE: ReadonlySet<AdminErrorKind> = new Set([
  "busy",
  "unreachable",
  "login",
  "foreign",
  "unknown",
  "read-only",
  "statement",
]);

export class AdminError extends TargetError {
  override readonly name = "AdminError";
  readonly kind: AdminErrorKind;

  constructor(kind: AdminErrorKind, message: string, advice?: string) {
    super(message, { advice });
    this.kind = kind;
  }
}

/** Whether what was sent may be done all the same: no answer has come. */
export function mayBeDone(error: unknown): boolean {
  return error instanceof AdminError && (error.kind === "wedged" || error.kind === "lost");
}

/** Why something was not done, and what to do about it, where that is known. */
export function adminWords(error: unknown): string {
  return error instanceof TargetError ? error.withAdvice : messageOf(error);
}

const TEXTS: readonly (readonly [RegExp, AdminErrorKind])[] = [
  [/ProxySQL Error: Access denied/, "login"],
  [/is already paused/, "paused"],
  [/is not paused/, "not-paused"],
  [/Unknown thread id/, "no-session"],
  [/readonly database|read-only/i, "read-only"],
  [/no such (?:table|column|function)|syntax error/, "unknown"],
];

/** Translates what the connection says. */
export function adminError(error: unknown): AdminError {
  if (error instanceof AdminError) return error;
  if (!(error instanceof DatabaseError)) throw error;
  const { kind, message, advice } = error;
  // The driver's time to connect may be over just when the greeting has come.
  if (/did not answer in time/.test(message) || (kind === "lost" && /\bETIMEDOUT\b/.test(message))) {
    return new AdminError(
      "wedged",
      "ProxySQL does not answer in time",
      "it may hang: look at its log, and restart it",
    );
  }
  if (kind === "unreachable") {
    return new AdminError(kind, message, "check proxysql.address, and that ProxySQL runs");
  }
  if (kind === "refused") {
    return new AdminError("login", message, 'check "proxysql" and "proxysql-stats" in the credentials file');
  }
  if (kind === "lost") return new AdminError(kind, message);
  const known = TEXTS.find(([pattern]) => pattern.test(message));
  return new AdminError(known?.[1] ?? "statement", message, advice);
}
