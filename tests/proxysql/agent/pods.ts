import type { KubernetesObject } from "../../lab/kubernetes/mod.ts";

/** What is unusual of a pod. */
export interface PodOptions {
  readonly labels?: Readonly<Record<string, string>>;
  readonly phase?: string;
  readonly uid?: string;
  /** Somebody asked to delete it. */
  readonly isEnding?: boolean;
}

/** A pod of a core, as the API has it. */
export function pod(
  name: string,
  ip: string | undefined,
  { labels = { app: "proxysql" }, phase = "Running", uid, isEnding = false }: PodOptions = {},
): KubernetesObject {
  return {
    kind: "Pod",
    metadata: {
      name,
      namespace: "proxysql",
      labels,
      ...uid !== undefined && { uid },
      ...isEnding && { deletionTimestamp: "2026-01-01T00:00:00Z" },
    },
    status: { phase, ...ip !== undefined && { podIP: ip } },
  };
}
