import { Secret } from "../../src/text/secret.ts";

/** What a receiver got. */
export interface Received {
  /** Of the test process's clock, in milliseconds. */
  readonly at: number;
  readonly headers: Headers;
  readonly body: string;
}

/** How a receiver answers the n-th request, counted from 0; undefined: never. */
export type Answering = (count: number, request: Received) => Response | undefined;

/** A server on loopback that keeps what it is sent. */
export class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #closing = new AbortController();

  constructor(answering: Answering = () => new Response("ok")) {
    const { signal } = this.#closing;
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, signal, onListen() {} }, async (request) => {
      const received = { at: performance.now(), headers: request.headers, body: await request.text() };
      const answer = answering(this.received.push(received) - 1, received);
      if (answer !== undefined) return answer;
      return await new Promise<Response>((resolve) => {
        signal.addEventListener("abort", () => resolve(new Response()));
      });
    });
  }

  /** Its address, with a path that nobody may see. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/services/hidden-path-4711`;
  }

  get secretUrl(): Secret {
    return new Secret(this.url);
  }

  get bodies(): readonly Readonly<Record<string, unknown>>[] {
    return this.received.map(({ body }) => JSON.parse(body));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#server.finished;
  }
}

/** A server that answers every connection with these bytes, and closes it. */
export class RawReceiver implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #ended: Promise<void>;

  constructor(answer: string) {
    this.#ended = this.#serve(new TextEncoder().encode(answer));
  }

  get secretUrl(): Secret {
    return new Secret(`http://127.0.0.1:${this.#listener.addr.port}/services/hidden-path-4711`);
  }

  async #serve(answer: Uint8Array): Promise<void> {
    for await (const connection of this.#listener) {
      await connection.read(new Uint8Array(4096)).catch(() => {});
      if (answer.length > 0) await connection.write(answer).catch(() => {});
      connection.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#ended;
  }
}
