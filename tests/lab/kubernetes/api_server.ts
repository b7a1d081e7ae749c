import { Folder } from "../../config/folder.ts";
import { type Access, podAccess } from "../../../src/proxysql/kubernetes/pod_access.ts";
import { ROOT } from "../../program.ts";
import { ClusterModel, problem, type Question, type Told } from "./cluster_model.ts";

/** What is wrong with the API, for whoever asks while it is so. */
export type Trouble =
  | { readonly kind: "slow"; readonly time: number }
  /** Takes the question, and never answers. */
  | { readonly kind: "hang" }
  /** Ends the connection in the middle of an answer. */
  | { readonly kind: "cut" }
  | { readonly kind: "status"; readonly status: number; readonly location?: string }
  | { readonly kind: "body"; readonly text: string }
  /** Sends so many bytes, and more if they are taken. */
  | { readonly kind: "huge"; readonly bytes: number };

interface Watch {
  readonly question: Question;
  send(told: Told | string): void;
  close(): void;
}

const ENCODER = new TextEncoder();
const PATH = /^\/(api\/v1|apis\/coordination\.k8s\.io\/v1)\/namespaces\/([^/]+)\/([a-z]+)(?:\/([^/]+))?$/;
/** Which kinds of objects are in which group. */
const GROUPS: Readonly<Record<string, string>> = { leases: "apis/coordination.k8s.io/v1", pods: "api/v1" };

/** The API of Kubernetes on loopback: HTTPS, tokens that end, Leases and pods, watches, and whatever goes wrong with it. */
export class ApiServer implements AsyncDisposable {
  readonly model = new ClusterModel();
  /** What was asked, in order. */
  readonly questions: Question[] = [];
  /** What was asked with a token that it did not take. */
  refused = 0;
  trouble: Trouble | undefined;
  /** The tokens that it takes. */
  readonly tokens = new Set(["token-1"]);
  readonly #watches = new Set<Watch>();
  readonly #stop = new AbortController();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #folder: Folder;

  private constructor(folder: Folder, tls: { readonly cert: string; readonly key: string }) {
    this.#folder = folder;
    this.#server = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      ...tls,
      signal: this.#stop.signal,
      onListen: () => {},
      onError: () => new Response(null, { status: 500 }),
    }, (request) => this.#answer(request));
  }

  static async start(): Promise<ApiServer> {
    const file = (name: string) => Deno.readTextFile(`${ROOT}tests/fixtures/tls/kubernetes-${name}.pem`);
    const [ca, cert, key] = await Promise.all(["ca", "cert", "key"].map(file));
    const folder = await Folder.make({ token: "token-1\n", namespace: "proxysql", "ca.crt": ca! });
    return new ApiServer(folder, { cert: cert!, key: key! });
  }

  get port(): number {
    return this.#server.addr.port;
  }

  /** The variables that a pod has. */
  get environment(): Readonly<Record<string, string>> {
    return { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(this.port) };
  }

  /** The folder that a pod has. */
  get folder(): string {
    return this.#folder.path;
  }

  /** As a pod finds it. */
  get access(): Access {
    return podAccess({ environment: (name) => this.environment[name], folder: this.folder });
  }

  /** What the kubelet does before a token ends. */
  async renewToken(token: string): Promise<void> {
    await Deno.writeTextFile(this.#folder.file("token"), `${token}\n`);
  }

  get watches(): number {
    return this.#watches.size;
  }

  /** Tells all watches something, or sends them a piece of text as it is. */
  tell(told: Told | string): void {
    for (const watch of this.#watches) watch.send(told);
  }

  bookmark(): void {
    this.tell(this.model.bookmark("pods"));
  }

  /** Ends all watches, as a server that stops does. */
  drop(): void {
    for (const watch of this.#watches) watch.close();
  }

  async #answer(request: Request): Promise<Response> {
    const question = await questionOf(request);
    if (!this.tokens.has(request.headers.get("authorization")?.replace(/^Bearer /, "") ?? "")) {
      this.refused++;
      return reply(problem(401, "Unauthorized", "Unauthorized"));
    }
    if (question === undefined) return reply(problem(404, "NotFound", "no such path"));
    this.questions.push(question);
    const { trouble } = this;
    if (trouble?.kind === "slow") await new Promise((resolve) => setTimeout(resolve, trouble.time));
    else if (trouble !== undefined) return await this.#misbehave(trouble);
    return question.verb === "watch" ? this.#watch(question) : reply(this.model.answer(question));
  }

  async #misbehave(trouble: Exclude<Trouble, { readonly kind: "slow" }>): Promise<Response> {
    switch (trouble.kind) {
      case "hang":
        await new Promise((resolve) => this.#stop.signal.addEventListener("abort", resolve));
        return new Response(null, { status: 503 });
      case "status": {
        const { status, location } = trouble;
        const headers: Record<string, string> = location === undefined ? {} : { location };
        return new Response("no", { status, headers });
      }
      case "body":
        return new Response(trouble.text, { headers: { "content-type": "application/json" } });
      case "cut":
        return new Response(streamOf([ENCODER.encode('{"kind":"Lea')], new Error("cut")));
      case "huge": {
        const chunk = new Uint8Array(65_536).fill(32);
        return new Response(streamOf(Array(Math.ceil(trouble.bytes / chunk.length)).fill(chunk)));
      }
    }
  }

  #watch(question: Question): Response {
    let watch: Watch | undefined;
    let end = () => {};
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const close = () => {
          end();
          this.#watches.delete(watch!);
          try {
            controller.close();
          } catch {
            // The client is gone.
          }
        };
        watch = {
          question,
          send(told) {
            controller.enqueue(ENCODER.encode(typeof told === "string" ? told : `${JSON.stringify(told)}\n`));
          },
          close,
        };
      },
      cancel: () => {
        end();
        this.#watches.delete(watch!);
      },
    });
    const begun = this.model.watch(question, (told) => watch!.send(told));
    if (typeof begun !== "function") return reply(begun);
    end = begun;
    this.#watches.add(watch!);
    return new Response(body, { headers: { "content-type": "application/json" } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.drop();
    this.#stop.abort();
    await this.#server.finished;
    await this.#folder[Symbol.asyncDispose]();
  }
}

function reply({ status, body }: { readonly status: number; readonly body: unknown }): Response {
  return Response.json(body, { status });
}

/** A body of these pieces, which ends, or fails. */
function streamOf(
  chunks: readonly Uint8Array<ArrayBuffer>[],
  failure?: Error,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks[next++];
      if (chunk !== undefined) controller.enqueue(chunk);
      else if (failure === undefined) controller.close();
      else controller.error(failure);
    },
  });
}

async function questionOf(request: Request): Promise<Question | undefined> {
  const url = new URL(request.url);
  const [, group, namespace, resource, name] = PATH.exec(url.pathname) ?? [];
  if (namespace === undefined || resource === undefined || GROUPS[resource] !== group) return undefined;
  const query = Object.fromEntries(url.searchParams);
  const reading = name !== undefined ? "get" : query["watch"] === "true" ? "watch" : "list";
  const verb = { GET: reading, POST: "create", PUT: "update" }[request.method] ?? request.method;
  const body = request.body === null ? undefined : await request.json();
  return { verb, resource, namespace, name, query, body };
}
