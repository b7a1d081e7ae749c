/** Sends JSON to one server over one connection, and does no more for it than it must: what is timed is the server. */
export class RawHttp implements Disposable {
  readonly #connection: Deno.Conn;
  readonly #head: string;
  readonly #buffer = new Uint8Array(64 * 1024);

  private constructor(connection: Deno.Conn, head: string) {
    this.#connection = connection;
    this.#head = head;
  }

  /** @param url Such as `http://127.0.0.1:8080/query`. */
  static async connect(url: string): Promise<RawHttp> {
    const { hostname, port, pathname, host } = new URL(url);
    const connection = await Deno.connect({ hostname, port: Number(port) });
    connection.setNoDelay(true);
    return new RawHttp(
      connection,
      `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n`,
    );
  }

  /** Sends ASCII, and returns the body of the answer. Throws where its status is not 200. */
  async post(body: string): Promise<string> {
    const request = `${this.#head}content-length: ${body.length}\r\n\r\n${body}`;
    const bytes = new TextEncoder().encode(request);
    for (let sent = 0; sent < bytes.length;) sent += await this.#connection.write(bytes.subarray(sent));
    let text = "";
    for (;;) {
      const count = await this.#connection.read(this.#buffer);
      if (count === null) throw new Error("the server hung up");
      text += new TextDecoder().decode(this.#buffer.subarray(0, count));
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) continue;
      const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
      if (length === undefined) throw new Error(`no length in: ${text.slice(0, end)}`);
      const answer = text.slice(end + 4);
      if (answer.length < Number(length)) continue;
      if (!text.startsWith("HTTP/1.1 200")) throw new Error(answer);
      return answer;
    }
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}
