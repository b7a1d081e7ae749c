import { KubernetesError } from "../../kubernetes/kubernetes_error.ts";
import { MOST_PODS, type Pod, type PodEvent, type PodList } from "../../kubernetes/pods.ts";

/** So many deleted pods are remembered; then the list is read again. */
const MOST_DELETED = 10 * MOST_PODS;

/** The pods that a list had, and what was told of them since. */
export class PodSet {
  readonly #pods: Map<string, Pod>;
  /** The versions at which pods went: what is older, and told later, does not bring them back. */
  readonly #deleted = new Map<string, string>();
  #version: string;

  constructor({ pods, version }: PodList) {
    this.#pods = new Map(pods.map((pod) => [pod.uid, pod]));
    this.#version = version;
  }

  /** Up to which version everything was told. */
  get version(): string {
    return this.#version;
  }

  /** Those that run and have an address, by name; of two with one address only one. */
  get running(): readonly (Pod & { readonly ip: string })[] {
    const byAddress = new Map<string, Pod & { readonly ip: string }>();
    for (const pod of [...this.#pods.values()].toSorted((a, b) => a.name < b.name ? -1 : 1)) {
      const { ip } = pod;
      if (pod.isRunning && ip !== undefined && !byAddress.has(ip)) byAddress.set(ip, { ...pod, ip });
    }
    return [...byAddress.values()];
  }

  /** @throws {KubernetesError} `expired`: there is too much to remember. */
  take(event: PodEvent): void {
    if (isNewer(event.version, this.#version) !== false) this.#version = event.version;
    if (event.type === "mark") return;
    const { pod } = event;
    const known = this.#pods.get(pod.uid)?.version ?? this.#deleted.get(pod.uid);
    if (known !== undefined && isNewer(pod.version, known) === false) return;
    if (event.type === "set") {
      this.#pods.set(pod.uid, pod);
      this.#deleted.delete(pod.uid);
    } else {
      this.#pods.delete(pod.uid);
      this.#deleted.set(pod.uid, pod.version);
    }
    if (this.#pods.size > MOST_PODS || this.#deleted.size > MOST_DELETED) {
      throw new KubernetesError("expired", "there is too much to remember of a watch");
    }
  }
}

/**
 * Whether a version comes after another one; undefined where they are no numbers. Kubernetes promises that they are, and
 * compare as such, for its own kinds of objects since 1.35; before, they were too, since etcd counts them.
 */
function isNewer(version: string, than: string): boolean | undefined {
  if (!/^\d{1,20}$/.test(version) || !/^\d{1,20}$/.test(than)) return undefined;
  return BigInt(version) > BigInt(than);
}
