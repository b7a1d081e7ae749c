/** An object as the API shows it. */
export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** A question as the API understands it. */
export interface Question {
  readonly verb: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name?: string | undefined;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** What a watch is told. */
export interface Told {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: unknown;
}

interface Change {
  readonly version: number;
  readonly resource: string;
  readonly before?: KubernetesObject;
  readonly after?: KubernetesObject;
}

const KINDS: Readonly<Record<string, readonly [apiVersion: string, kind: string]>> = {
  leases: ["coordination.k8s.io/v1", "Lease"],
  pods: ["v1", "Pod"],
};

/**
 * What the API of Kubernetes does with Leases and pods, without HTTP: versions that count, writes on a condition, lists in
 * pages, and what a watch tells from a version on, unless that is forgotten.
 */
export class ClusterModel {
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #watchers = new Set<(change: Change) => void>();
  #changes: Change[] = [];
  #version = 100;
  #forgotten = 0;

  get version(): string {
    return String(this.#version);
  }

  /** Answers anything but a watch, at once. */
  answer(question: Question): Reply {
    const { verb, resource, namespace, name } = question;
    if (!(resource in KINDS)) return problem(404, "NotFound", "no such resource");
    const key = `${resource}/${namespace}/${name}`;
    switch (verb) {
      case "get": {
        const found = this.#objects.get(key);
        return found === undefined
          ? problem(404, "NotFound", `${resource} "${name}" not found`)
          : { status: 200, body: found };
      }
      case "list":
        return this.#list(question);
      case "create":
        return this.#create(question);
      case "update":
        return this.#update(question, key);
      default:
        return problem(405, "MethodNotAllowed", verb);
    }
  }

  /**
   * What a watch tells, at first what happened after its version. Returns how to end it, or a status where it cannot begin.
   */
  watch({ resource, namespace, query = {} }: Question, tell: (told: Told) => void): Reply | (() => void) {
    const since = Number(query["resourceVersion"] ?? this.#version);
    if (since < this.#forgotten) return problem(410, "Expired", "too old resource version");
    const selects = selectorOf(query["labelSelector"] ?? "");
    const pass = (change: Change) => {
      if (change.resource !== resource) return;
      const isOurs = (object?: KubernetesObject) =>
        object !== undefined && object.metadata["namespace"] === namespace && selects(object);
      const [had, has] = [isOurs(change.before), isOurs(change.after)];
      if (had || has) tell({ type: !has ? "DELETED" : had ? "MODIFIED" : "ADDED", object: shown(change) });
    };
    for (const change of this.#changes) if (change.version > since) pass(change);
    this.#watchers.add(pass);
    return () => this.#watchers.delete(pass);
  }

  /** What the API tells a watch from time to time. */
  bookmark(resource: string): Told {
    const [apiVersion, kind] = KINDS[resource]!;
    return { type: "BOOKMARK", object: { apiVersion, kind, metadata: { resourceVersion: this.version } } };
  }

  /** Writes an object whatever there was before. */
  put(resource: string, object: KubernetesObject): KubernetesObject {
    const key = `${resource}/${object.metadata["namespace"]}/${object.metadata.name}`;
    const before = this.#objects.get(key);
    const [apiVersion, kind] = KINDS[resource]!;
    const version = ++this.#version;
    const uid = object.metadata["uid"] ?? before?.metadata["uid"] ?? `uid-${version}`;
    const metadata = { ...object.metadata, uid, resourceVersion: String(version) };
    const after = { ...object, apiVersion, kind, metadata };
    this.#objects.set(key, after);
    this.#tell({ version, resource, ...before !== undefined && { before }, after });
    return after;
  }

  delete(resource: string, namespace: string, name: string): void {
    const key = `${resource}/${namespace}/${name}`;
    const before = this.#objects.get(key);
    if (before === undefined) return;
    this.#objects.delete(key);
    this.#tell({ version: ++this.#version, resource, before });
  }

  /** Forgets what happened until now, as the API does after some minutes. */
  forget(): void {
    this.#forgotten = ++this.#version;
    this.#changes = [];
  }

  #tell(change: Change): void {
    this.#changes.push(change);
    for (const pass of this.#watchers) pass(change);
  }

  #list({ resource, namespace, query = {} }: Question): Reply {
    const from = query["continue"] === undefined ? 0 : Number(query["continue"]);
    if (from !== 0 && Number.isNaN(from)) return problem(410, "Expired", "the continue token is too old");
    const selects = selectorOf(query["labelSelector"] ?? "");
    const all = [...this.#objects].filter(([key, object]) =>
      key.startsWith(`${resource}/${namespace}/`) && selects(object)
    ).map(([, object]) => object);
    const limit = Number(query["limit"] ?? all.length);
    const next = from + limit < all.length ? String(from + limit) : undefined;
    const [apiVersion, kind] = KINDS[resource]!;
    const metadata = { resourceVersion: this.version, ...next !== undefined && { continue: next } };
    const items = all.slice(from, from + limit);
    return { status: 200, body: { apiVersion, kind: `${kind}List`, metadata, items } };
  }

  #create({ resource, namespace, body }: Question): Reply {
    const object = body as KubernetesObject;
    const { name } = object.metadata;
    if (this.#objects.has(`${resource}/${namespace}/${name}`)) {
      return problem(409, "AlreadyExists", `${resource} "${name}" already exists`);
    }
    return {
      status: 201,
      body: this.put(resource, { ...object, metadata: { ...object.metadata, namespace } }),
    };
  }

  #update({ resource, name, body }: Question, key: string): Reply {
    const object = body as KubernetesObject;
    const before = this.#objects.get(key);
    if (before === undefined) return problem(404, "NotFound", `${resource} "${name}" not found`);
    if (object.metadata["resourceVersion"] !== before.metadata["resourceVersion"]) {
      return problem(
        409,
        "Conflict",
        "the object has been modified; please apply your changes to the latest version",
      );
    }
    const seconds = object.spec?.["leaseDurationSeconds"];
    if (resource === "leases" && !(Number.isInteger(seconds) && (seconds as number) > 0)) {
      return problem(422, "Invalid", "spec.leaseDurationSeconds: must be greater than 0");
    }
    return { status: 200, body: this.put(resource, object) };
  }
}

/** Of a deleted object its last state is told, with the version of the deletion. */
function shown({ version, before, after }: Change): KubernetesObject {
  if (after !== undefined) return after;
  return { ...before!, metadata: { ...before!.metadata, resourceVersion: String(version) } };
}

/** An answer that says what is wrong, as Kubernetes writes it. */
export function problem(code: number, reason: string, message: string): Reply {
  const body = { apiVersion: "v1", kind: "Status", status: "Failure", code, reason, message };
  return { status: code, body };
}

/** Labels that have to be so; only `a=b`, joined by commas. */
function selectorOf(text: string): (object: KubernetesObject) => boolean {
  const pairs = text === "" ? [] : text.split(",").map((pair) => pair.split("=") as [string, string]);
  return ({ metadata }) => {
    const labels = (metadata["labels"] ?? {}) as Readonly<Record<string, string>>;
    return pairs.every(([key, value]) => labels[key] === value);
  };
}
