import { isJson, type Json, metaOf, part, unusable, versionOf } from "./object_meta.ts";
import { KubernetesError, statusError } from "./kubernetes_error.ts";
import type { Api } from "./kubernetes_api.ts";

/** What matters of a pod. */
export interface Pod {
  readonly uid: string;
  readonly name: string;
  readonly version: string;
  /** It runs, and nobody has asked to delete it. */
  readonly isRunning: boolean;
  /** Absent until it has one. */
  readonly ip?: string;
}

/** All pods at one moment. */
export interface PodList {
  readonly pods: readonly Pod[];
  /** Where a watch begins that misses nothing. */
  readonly version: string;
}

/** What happened to a pod; `mark`: nothing, but a later watch may begin at this version. */
export type PodEvent =
  | { readonly type: "set" | "deleted"; readonly pod: Pod; readonly version: string }
  | { readonly type: "mark"; readonly version: string };

/** The pods that a selector finds. */
export interface PodSource extends Disposable {
  /** @throws {KubernetesError} */
  list(signal: AbortSignal): Promise<PodList>;
  /**
   * What happens after a version, for so many milliseconds; resolves once Kubernetes begins to tell.
   * @throws {KubernetesError} Both this and the generator; `expired`: the list is to be read again.
   */
  watch(version: string, time: number, signal: AbortSignal): Promise<AsyncGenerator<PodEvent, void>>;
}

export interface PodOptions {
  /** Absent: that of the pod. */
  readonly namespace?: string | undefined;
  readonly selector: string;
}

/** How many pods are asked for at once: a pod may have 100 KB. */
const PAGE = 100;
/** More are no cluster of ProxySQL, but a selector that says too little. */
export const MOST_PODS = 1000;

/** The pods that a selector finds at the API of Kubernetes. */
export function podSource(api: Api, { namespace, selector }: PodOptions): PodSource {
  const request = { resource: "pods", namespace } as const;
  return {
    async list(signal) {
      const pods: Pod[] = [];
      let next = "";
      while (true) {
        const query = { labelSelector: selector, limit: String(PAGE), ...next !== "" && { continue: next } };
        const page = pageOf(await api.json({ ...request, verb: "list", query }, signal));
        pods.push(...page.pods);
        if (pods.length > MOST_PODS) throw unusable(`more than ${MOST_PODS} pods have these labels`);
        if (page.next === "") return { pods, version: page.version };
        if (page.pods.length === 0) throw unusable("a page of a list is empty");
        next = page.next;
      }
    },
    async watch(version, time, signal) {
      const query = {
        labelSelector: selector,
        resourceVersion: version,
        allowWatchBookmarks: "true",
        timeoutSeconds: String(Math.max(1, Math.ceil(time / 1000))),
      };
      return eventsOf(await api.lines({ ...request, verb: "watch", query }, signal));
    },
    [Symbol.dispose]: () => api[Symbol.dispose](),
  };
}

async function* eventsOf(lines: AsyncGenerator<unknown, void>): AsyncGenerator<PodEvent, void> {
  for await (const line of lines) yield eventOf(line);
}

function pageOf(value: unknown): PodList & { readonly next: string } {
  if (!isJson(value) || !Array.isArray(value["items"])) throw unusable("there is no list of pods");
  const { resourceVersion, continue: next = "" } = part(value, "metadata");
  if (typeof next !== "string") throw unusable("a list does not say how it goes on");
  return { pods: value["items"].map(podOf), version: versionOf(resourceVersion), next };
}

/** @throws {KubernetesError} It is no event, or says that the watch has failed. */
function eventOf(line: unknown): PodEvent {
  if (!isJson(line) || !isJson(line["object"])) throw unusable("an event has no object");
  const { type, object } = line as { readonly type: unknown; readonly object: Json };
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED": {
      const pod = podOf(object);
      return { type: type === "DELETED" ? "deleted" : "set", pod, version: pod.version };
    }
    case "BOOKMARK":
      return { type: "mark", version: versionOf(part(object, "metadata")["resourceVersion"]) };
    case "ERROR":
      throw statusError(typeof object["code"] === "number" ? object["code"] : 500, "watch pods");
    default:
      throw new KubernetesError("unusable", "Kubernetes tells of an event of an unknown type");
  }
}

/** @throws {KubernetesError} `unusable`. */
function podOf(value: unknown): Pod {
  if (!isJson(value)) throw unusable("a pod is none");
  const { name, uid, version, isDeleted } = metaOf(value);
  const { phase, podIP } = part(value, "status");
  const hasIp = podIP !== undefined && podIP !== null && podIP !== "";
  if (hasIp && !(typeof podIP === "string" && isIp(podIP))) throw unusable("the address of a pod is none");
  return {
    uid,
    name,
    version,
    isRunning: phase === "Running" && !isDeleted,
    ...hasIp && { ip: podIP as string },
  };
}

/** Whether it is an IP address of a host, as it is written in statements. */
export function isIp(text: string): boolean {
  if (text.length > 45) return false;
  if (/^[\d.]+$/.test(text)) {
    const parts = text.split(".");
    return parts.length === 4 && text !== "0.0.0.0" &&
      parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  }
  return /^[0-9A-Fa-f:.]+$/.test(text) && text !== "::" && URL.canParse(`http://[${text}]`);
}
