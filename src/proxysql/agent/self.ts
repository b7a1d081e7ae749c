/** By what a ProxySQL is known among the cores. */
export interface Self {
  /** What it, its pod or its host is called. */
  readonly names: readonly string[];
  /** Its IP addresses. */
  readonly addresses: readonly string[];
}

/** As the downward API of Kubernetes and a container's runtime tell it: `POD_NAME`, `POD_IP`, `POD_IPS`, `HOSTNAME`. */
export function selfOf(environment: (name: string) => string | undefined): Self {
  const all = (...names: readonly string[]) =>
    names.flatMap((name) => environment(name)?.split(",") ?? []).map((text) => text.trim()).filter((text) =>
      text !== ""
    );
  return {
    names: [...new Set(all("POD_NAME", "HOSTNAME"))],
    addresses: [...new Set(all("POD_IP", "POD_IPS"))],
  };
}
