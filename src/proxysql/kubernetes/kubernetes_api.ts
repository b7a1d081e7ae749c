import type { Clock } from "../../clock.ts";
import { boundedLines, boundedText } from "./bounded_body.ts";
import { KubernetesError, statusError } from "./kubernetes_error.ts";
import type { Access, Login } from "./pod_access.ts";

/** What may be done to an object or a list of them. */
export type Verb = "get" | "list" | "watch" | "create" | "update";

/** The kinds of objects that are asked for, by their paths. */
const RESOURCES = {
  leases: "/apis/coordination.k8s.io/v1",
  pods: "/api/v1",
} as const;

/** A question to the API. */
export interface ApiRequest {
  readonly verb: Verb;
  readonly resource: keyof typeof RESOURCES;
  /** Absent: that of the pod. */
  readonly namespace?: string | undefined;
  /** Of `get` and `update`. */
  readonly name?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const METHODS: Readonly<Record<Verb, string>> = {
  get: "GET",
  list: "GET",
  watch: "GET",
  create: "POST",
  update: "PUT",
};

/** How long a token is used before its file is read again, in milliseconds. */
const TOKEN_AGE = 60_000;
/** The longest answer, in bytes: a page of a list of pods. */
const LONGEST_ANSWER = 16 * 1024 * 1024;
/** The longest event of a watch, in bytes; etcd takes no object of more than 1.5 MiB. */
const LONGEST_LINE = 4 * 1024 * 1024;

/** What is asked of the API. */
export type Api = Pick<KubernetesApi, "json" | "lines"> & Disposable;

/** The API of Kubernetes, as a pod sees it. Whoever asks sets the time limit, by a signal. */
export class KubernetesApi implements Disposable {
  readonly #access: Access;
  readonly #clock: Pick<Clock, "now">;
  #login: Login | undefined;
  #readAt = -Infinity;
  #client: { readonly ca: string; readonly client: Deno.HttpClient } | undefined;

  constructor(access: Access, clock: Pick<Clock, "now">) {
    this.#access = access;
    this.#clock = clock;
  }

  /** The answer as JSON. @throws {KubernetesError} */
  async json(request: ApiRequest, signal: AbortSignal): Promise<unknown> {
    const text = await this.#taken(signal, async () => {
      return await boundedText(await this.#ask(request, signal), LONGEST_ANSWER);
    });
    return parsed(text);
  }

  /** Each line of an answer that goes on, as JSON. Resolves once the answer begins. @throws {KubernetesError} Both. */
  async lines(request: ApiRequest, signal: AbortSignal): Promise<AsyncGenerator<unknown, void>> {
    const response = await this.#taken(signal, () => this.#ask(request, signal));
    return this.#lines(response, signal);
  }

  async *#lines(response: Response, signal: AbortSignal): AsyncGenerator<unknown, void> {
    const lines = boundedLines(response, LONGEST_LINE);
    try {
      while (true) {
        const { done, value } = await this.#taken(signal, () => lines.next());
        if (done === true) return;
        yield parsed(value);
      }
    } finally {
      await lines.return();
    }
  }

  async #ask(request: ApiRequest, signal: AbortSignal): Promise<Response> {
    const login = await this.#logIn();
    const response = await this.#send(request, { login, signal });
    if (response.status !== 401) return await accepted(response, request);
    await response.body?.cancel();
    // A token may end before its minute is over: its file has a new one by then.
    this.#readAt = -Infinity;
    const next = await this.#logIn();
    if (next.token === login.token) throw statusError(401, "");
    return await accepted(await this.#send(request, { login: next, signal }), request);
  }

  async #send(
    request: ApiRequest,
    { login, signal }: { readonly login: Login; readonly signal: AbortSignal },
  ): Promise<Response> {
    const { verb, body } = request;
    return await fetch(this.#access.url() + await this.#pathOf(request), {
      method: METHODS[verb],
      headers: {
        authorization: `Bearer ${login.token}`,
        accept: "application/json",
        "user-agent": "query-sniper",
        ...body !== undefined && { "content-type": "application/json" },
      },
      ...body !== undefined && { body: JSON.stringify(body) },
      client: this.#clientFor(login.ca),
      // A token is for the API alone.
      redirect: "manual",
      signal,
    });
  }

  async #pathOf({ verb, resource, namespace, name, query }: ApiRequest): Promise<string> {
    const parts = ["namespaces", namespace ?? await this.#access.namespace(), resource];
    if (name !== undefined) parts.push(name);
    const parameters = new URLSearchParams({ ...query, ...verb === "watch" && { watch: "true" } }).toString();
    const path = `${RESOURCES[resource]}/${parts.map(encodeURIComponent).join("/")}`;
    return parameters === "" ? path : `${path}?${parameters}`;
  }

  async #logIn(): Promise<Login> {
    const now = this.#clock.now();
    if (this.#login === undefined || now - this.#readAt >= TOKEN_AGE) {
      this.#login = await this.#access.login();
      this.#readAt = now;
    }
    return this.#login;
  }

  /**
   * One connection for each request under way, and no more: a request that is given up takes its connection along, where
   * one of HTTP/2 would be used again, though nothing comes back on it.
   */
  #clientFor(ca: string): Deno.HttpClient {
    if (this.#client?.ca !== ca) {
      this.#client?.client.close();
      this.#client = { ca, client: Deno.createHttpClient({ caCerts: [ca], http1: true, http2: false }) };
    }
    return this.#client.client;
  }

  /** What goes wrong on the way, as errors of ours. */
  async #taken<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof KubernetesError) throw error;
      if (signal.aborted) throw new KubernetesError("late", "Kubernetes did not answer in time");
      // What the runtime says of it has the address, and sometimes the certificate, in it.
      if (isOfNetwork(error)) throw new KubernetesError("unreachable", unreachable(error));
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#client?.client.close();
    this.#client = undefined;
  }
}

/** Whether it is an error of a connection, and no mistake of ours. */
function isOfNetwork(error: unknown): error is Error {
  return error instanceof Error &&
    (error instanceof TypeError || error instanceof Deno.errors.Http || "code" in error);
}

function unreachable(error: Error): string {
  const said = `${error.message} ${(error.cause as Error | undefined)?.message ?? ""}`;
  if (/certificate|UnknownIssuer|tls/i.test(said)) {
    return "the certificate of Kubernetes is not the expected one";
  }
  return /refused/i.test(said) ? "Kubernetes refuses connections" : "the connection to Kubernetes failed";
}

async function accepted(response: Response, { verb, resource }: ApiRequest): Promise<Response> {
  if (response.status === 200 || response.status === 201) return response;
  await response.body?.cancel();
  throw statusError(response.status, `${verb} ${resource}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new KubernetesError("unusable", "an answer of Kubernetes is no JSON");
  }
}
