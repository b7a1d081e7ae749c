import { connect, type Socket } from "node:net";

/**
 * Sends JSON to one server over one connection, and does no more for it than it must: what is timed is the server. Over
 * a socket of Node, as the driver's that it is compared with: a read and a write of the runtime's own cost 0.2 ms more.
 */
export class RawHttp implements Disposable {
  readonly #socket: Socket;
  readonly #head: string;
  #read = "";
  #failure: Error | undefined;
  #answered: { resolve(body: string): void; reject(error: Error): void } | undefined;

  private constructor(socket: Socket, head: string) {
    this.#socket = socket;
    this.#head = head;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => this.#take(text));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the server hung up")));
  }

  /** @param url Such as `http://127.0.0.1:8080/query`. */
  static async connect(url: string): Promise<RawHttp> {
    const { hostname, port, pathname, host } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve();
      });
    });
    return new RawHttp(
      socket,
      `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n`,
    );
  }

  /** Sends ASCII, and returns the body of the answer. Throws where its status is not 200. */
  post(body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#answered = { resolve, reject };
      this.#socket.write(`${this.#head}content-length: ${body.length}\r\n\r\n${body}`);
    });
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#read += text;
    const end = this.#read.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#read)?.[1];
    if (length === undefined) return this.#fail(new Error(`no length in: ${this.#read.slice(0, end)}`));
    const answer = this.#read.slice(end + 4);
    if (answer.length < Number(length)) return;
    const isDone = this.#read.startsWith("HTTP/1.1 200");
    this.#read = "";
    if (isDone) this.#answered?.resolve(answer);
    else this.#answered?.reject(new Error(answer));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#answered?.reject(this.#failure);
  }
}
