/** Causes that the runtime's message, which has the address, is known to name. */
const CAUSES = [
  [/connection refused/i, "the connection was refused"],
  [/dns error|lookup address|name or service/i, "the host is unknown"],
  [/certificate|tls|ssl/i, "the certificate or the encryption is not accepted"],
  [/unreachable/i, "the network is unreachable"],
] as const;

/** Why `fetch` failed, without the address, which only its owner may know. */
export function fetchFailure(error: unknown): string {
  const text = error instanceof Error ? `${error.message} ${String(error.cause ?? "")}` : "";
  return CAUSES.find(([pattern]) => pattern.test(text))?.[1] ?? "the connection failed";
}
