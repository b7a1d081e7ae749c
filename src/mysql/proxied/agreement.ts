import { sureDigest } from "../../digest/mod.ts";
import { isUnknown } from "../../language/mod.ts";
import type { Session } from "../../policy/mod.ts";
import type { ProxyClient, ProxyConnection } from "../../target/mod.ts";
import type { Secret } from "../../text/secret.ts";

/** When both sides were read, by the clock's `now`. */
export interface Moments {
  /** The server's list of sessions, at the latest. */
  readonly seen: number;
  /** The proxy's, at the earliest. */
  readonly at: number;
}

/**
 * Why a proxy's connection does not agree with the session that the server shows, so that nothing is known of whose it is;
 * undefined if it does. What the session does must have begun before the proxy was asked: then it was the same client's
 * all the time, however long ago that was.
 */
export function disagreement(
  session: Session,
  { client, user }: ProxyConnection & { readonly client: ProxyClient },
  { seen, at }: Moments,
): string | undefined {
  if (session.user !== client.user || (user !== undefined && user !== session.user)) {
    return "the proxy shows another user there";
  }
  if (session.db !== client.schema) return "the proxy shows another schema there";
  const age = session.running ? session.time : session.idle_time;
  if (age === undefined || isUnknown(age)) return "the server does not tell since when it does that";
  if (!(seen - age <= at)) return "it has begun since the proxy was asked";
  if (session.running !== client.running) {
    return session.running
      ? "the proxy shows no statement there"
      : "the proxy shows that its client runs one";
  }
  if (!session.running) return undefined;
  const { sql } = session;
  if (typeof sql === "string" || isUnknown(sql) || sql.cut) return "its whole statement is not known";
  const isSame = client.statement !== undefined && isSameStatement(sql.text, client.statement);
  return isSame ? undefined : "the proxy shows another statement there";
}

/** Whether two statements are the same but for their literals. None of them is told. */
export function isSameStatement(one: Secret, other: Secret): boolean {
  if (one.equals(other)) return one.reveal().trim() !== "";
  const [a, b] = [sureDigest(one.reveal()), sureDigest(other.reveal())];
  return !("doubt" in a) && !("doubt" in b) && a.digest === b.digest;
}
