import type { Api, ApiRequest } from "../../../src/proxysql/kubernetes/kubernetes_api.ts";
import { KubernetesError, statusError } from "../../../src/proxysql/kubernetes/kubernetes_error.ts";
import { ClusterModel, type Told, type VirtualTime } from "../../lab/kubernetes/mod.ts";

interface Stream {
  push(told: unknown): void;
  end(error?: Error): void;
}

/** The API of Kubernetes in virtual time, of which everything can go wrong. */
export class PodApi implements Api {
  readonly model = new ClusterModel();
  readonly #time: VirtualTime;
  readonly #streams = new Set<Stream>();
  /** What was asked, and when. */
  readonly asked: string[] = [];
  isDown = false;
  /** Takes questions, and answers none. */
  hangs = false;
  /** Watches are not told what happens. */
  isSilent = false;
  /** An answer to lists in place of the right one. */
  garbage: unknown;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  get watches(): number {
    return this.#streams.size;
  }

  async json(request: ApiRequest, signal: AbortSignal): Promise<unknown> {
    await this.#arrive(request, signal);
    const { status, body } = this.model.answer({ ...request, namespace: "proxysql" });
    if (status >= 300) throw statusError(status, "list pods");
    return this.garbage ?? structuredClone(body);
  }

  async lines(request: ApiRequest, signal: AbortSignal): Promise<AsyncGenerator<unknown, void>> {
    await this.#arrive(request, signal);
    const waiting: (() => unknown)[] = [];
    let wake = () => {};
    const stream: Stream = {
      push(told) {
        waiting.push(() => told);
        wake();
      },
      end: (error) => {
        this.#streams.delete(stream);
        waiting.push(() => {
          if (error !== undefined) throw error;
          return undefined;
        });
        wake();
      },
    };
    const begun = this.model.watch({ ...request, namespace: "proxysql" }, (told) => {
      if (!this.isSilent) stream.push(told);
    });
    if (typeof begun !== "function") throw statusError(begun.status, "watch pods");
    this.#streams.add(stream);
    signal.addEventListener("abort", () => stream.end(new KubernetesError("late", "it was given up")));
    return (async function* () {
      try {
        while (true) {
          while (waiting.length === 0) await new Promise<void>((resolve) => wake = resolve);
          const told = waiting.shift()!();
          if (told === undefined) return;
          yield structuredClone(told);
        }
      } finally {
        begun();
      }
    })();
  }

  /** Tells all watches something, whatever has happened. */
  tell(told: Told | unknown): void {
    for (const stream of [...this.#streams]) stream.push(told);
  }

  /** Ends all watches, with an error or without one. */
  drop(error?: Error): void {
    for (const stream of [...this.#streams]) stream.end(error);
  }

  async #arrive({ verb }: ApiRequest, signal: AbortSignal): Promise<void> {
    this.asked.push(`${verb} ${Math.round(this.#time.now() / 1000)}`);
    await this.#time.sleep(10);
    if (this.hangs) {
      await new Promise((_, reject) => signal.addEventListener("abort", reject, { once: true }));
    }
    if (this.isDown) throw statusError(503, `${verb} pods`);
  }

  [Symbol.dispose](): void {}
}
