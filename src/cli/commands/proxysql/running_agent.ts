import { type ListenConfig, listenText } from "../../../config/mod.ts";
import type { Health, Probe } from "../../../proxysql/mod.ts";

/** The longest answer that is read, in bytes. */
const LONGEST = 65_536;

/**
 * What the agent that runs says; undefined where none answers as an agent does, or where it serves TLS, which would have to
 * be trusted first: then ProxySQL itself is asked.
 * @param timeout In milliseconds.
 */
export async function askAgent(
  { address, hasTls }: Pick<ListenConfig, "address" | "hasTls">,
  { probe, timeout }: { readonly probe: Probe; readonly timeout: number },
): Promise<Health | undefined> {
  if (hasTls || address.port === 0) return undefined;
  try {
    const response = await fetch(
      `http://${listenText({ ...address, host: reachable(address.host) })}/healthz/${probe}`,
      {
        redirect: "error",
        signal: AbortSignal.timeout(timeout),
      },
    );
    const isKnown = (response.status === 200 || response.status === 503) &&
      Number(response.headers.get("content-length") ?? LONGEST) <= LONGEST;
    if (isKnown) return healthIn(await response.json(), { probe, ok: response.status === 200 });
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
