import { isJson, type Json, metaOf, part, unusable } from "./object_meta.ts";
import type { Api } from "./kubernetes_api.ts";

/** A Lease as it was at one moment. */
export interface Lease {
  /** Empty: nobody. */
  readonly holder: string;
  /** For how long a holder who writes nothing has it, in milliseconds; 0: it does not say. */
  readonly duration: number;
  /** Another one whenever anything was written. */
  readonly version: string;
  /** Whatever else is in it, to be written back. */
  readonly object: Json;
}

/** What is to be written. */
export interface LeaseHolder {
  /** Empty: nobody. */
  readonly holder: string;
  /** In milliseconds; whole seconds are written. */
  readonly duration: number;
  /** By the wall clock, for people; nobody reckons with it. */
  readonly at: number;
}

/** A Lease that several processes write, each only if nobody else has written meanwhile. */
export interface LeaseStore extends Disposable {
  /** Undefined: there is none. @throws {KubernetesError} */
  read(signal: AbortSignal): Promise<Lease | undefined>;
  /** @throws {KubernetesError} `conflict`: there is one by now. */
  create(next: LeaseHolder, signal: AbortSignal): Promise<Lease>;
  /** @throws {KubernetesError} `conflict`: somebody else wrote it; `missing`: it was deleted. */
  replace(lease: Lease, next: LeaseHolder, signal: AbortSignal): Promise<Lease>;
}

export interface LeaseOptions {
  /** Absent: that of the pod. */
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** A Lease at the API of Kubernetes (coordination.k8s.io/v1). */
export function leaseStore(api: Api, { namespace, name }: LeaseOptions): LeaseStore {
  const request = { resource: "leases", namespace } as const;
  return {
    async read(signal) {
      try {
        return leaseOf(await api.json({ ...request, verb: "get", name }, signal), name);
      } catch (error) {
        if ((error as { kind?: unknown }).kind === "missing") return undefined;
        throw error;
      }
    },
    async create(next, signal) {
      const body = {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name },
        spec: specOf({}, next),
      };
      return written(await api.json({ ...request, verb: "create", body }, signal), name, next);
    },
    async replace(lease, next, signal) {
      const body = { ...lease.object, spec: specOf(part(lease.object, "spec"), next) };
      return written(await api.json({ ...request, verb: "update", name, body }, signal), name, next);
    },
    [Symbol.dispose]: () => api[Symbol.dispose](),
  };
}

/** @throws {KubernetesError} `unusable`. */
function leaseOf(value: unknown, expected: string): Lease {
  if (!isJson(value)) throw unusable("there is no Lease");
  const { name, version } = metaOf(value);
  if (name !== expected) throw unusable("it is another Lease");
  const { holderIdentity: holder = "", leaseDurationSeconds: seconds = 0 } = part(value, "spec");
  if (holder !== null && (typeof holder !== "string" || holder.length > 1000)) {
    throw unusable("the holder of a Lease is no text");
  }
  const isTime = typeof seconds === "number" && Number.isSafeInteger(seconds) && seconds >= 0;
  if (seconds !== null && !isTime) throw unusable("the duration of a Lease is no number");
  return { holder: holder ?? "", duration: (seconds ?? 0) * 1000, version, object: value };
}

/** What a write is answered with is what was written, or it counts as not written. */
function written(value: unknown, name: string, { holder }: LeaseHolder): Lease {
  const lease = leaseOf(value, name);
  if (lease.holder !== holder) throw unusable("a Lease has another holder than was written");
  return lease;
}

function specOf(before: Json, { holder, duration, at }: LeaseHolder): Json {
  const time = microTime(at);
  const isSame = before["holderIdentity"] === holder;
  const isFirst = before["holderIdentity"] === undefined;
  const transitions = typeof before["leaseTransitions"] === "number" ? before["leaseTransitions"] : 0;
  return {
    ...before,
    holderIdentity: holder,
    leaseDurationSeconds: Math.max(1, Math.round(duration / 1000)),
    renewTime: time,
    acquireTime: isSame ? before["acquireTime"] ?? time : time,
    // Giving it up is no change to another holder.
    leaseTransitions: isSame || isFirst || holder === "" ? transitions : transitions + 1,
  };
}

/** A time as Kubernetes wants it in a Lease: with six digits behind the point. */
function microTime(at: number): string {
  return new Date(at).toISOString().replace("Z", "000Z");
}
