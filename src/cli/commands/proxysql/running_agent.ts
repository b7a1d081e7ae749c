import { type ListenConfig, listenText } from "../../../config/mod.ts";
import type { Health, Probe } from "../../../proxysql/mod.ts";

/** The longest answer that is read, in bytes. */
const LONGEST = 65_536;
/** The same of a status, which has all backends. */
const LONGEST_STATUS = 4 * 2 ** 20;

/** Where an agent listens. */
type Listens = Pick<ListenConfig, "address" | "hasTls" | "token">;

/**
 * What the agent that runs says of the health; undefined where none answers as an agent does, or where it serves TLS, which
 * would have to be trusted first: then ProxySQL itself is asked.
 * @param timeout In milliseconds.
 */
export async function askAgent(
  listens: Listens,
  { probe, timeout }: { readonly probe: Probe; readonly timeout: number },
): Promise<Health | undefined> {
  const answer = await ask(listens, { path: `/healthz/${probe}`, longest: LONGEST, timeout });
  return answer && healthIn(answer.body, { probe, ok: answer.status === 200 });
}

/** Who leads, as the agent that runs knows; undefined where none answers, or nobody is elected. */
export async function askLeader(
  listens: Listens,
  { timeout }: { readonly timeout: number },
): Promise<Elected | undefined> {
  const answer = await ask(listens, { path: "/v1/status", longest: LONGEST_STATUS, timeout });
  const { leader } = typeof answer?.body === "object" && answer.body !== null
    ? answer.body as { readonly leader?: unknown }
    : {};
  if (typeof leader !== "object" || leader === null) return undefined;
  const { state, holder } = leader as Readonly<Record<string, unknown>>;
  if (typeof state !== "string") return undefined;
  return { state, ...typeof holder === "string" && { holder } };
}

/** What an agent knows of the election: `leads`, `follows` with the holder, `nobody` or `unknown`. */
export interface Elected {
  readonly state: string;
  readonly holder?: string;
}

async function ask(
  { address, hasTls, token }: Listens,
  { path, longest, timeout }: { readonly path: string; readonly longest: number; readonly timeout: number },
): Promise<{ readonly status: number; readonly body: unknown } | undefined> {
  if (hasTls || address.port === 0) return undefined;
  try {
    const response = await fetch(
      `http://${listenText({ ...address, host: reachable(address.host) })}${path}`,
      {
        redirect: "error",
        signal: AbortSignal.timeout(timeout),
        ...token !== undefined && path.startsWith("/v1/") &&
          { headers: { authorization: `Bearer ${token.reveal()}` } },
      },
    );
    const { status, headers } = response;
    const isKnown = (status === 200 || status === 503) &&
      Number(headers.get("content-length") ?? longest) <= longest;
    if (isKnown) return { status, body: await response.json() };
    await response.body?.cancel();
  } catch {
    // Nobody listens, it is no agent, or it hangs.
  }
}

/** An answer as an agent gives it, which agrees with its status; whatever else answers there is none. */
function healthIn(value: unknown, asked: Pick<Health, "probe" | "ok">): Health | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { probe, ok, reasons } = value as Partial<Record<keyof Health, unknown>>;
  if (probe !== asked.probe || ok !== asked.ok || !Array.isArray(reasons)) return undefined;
  if (ok !== (reasons.length === 0)) return undefined;
  return { probe: asked.probe, ok: asked.ok, reasons: reasons.map(String) };
}

/** An address under which this host reaches itself. */
function reachable(host: string): string {
  return host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
}
