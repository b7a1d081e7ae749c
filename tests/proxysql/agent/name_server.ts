import { Buffer } from "node:buffer";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

/** The IPv4 addresses of a name, what it answers with in place of them, or that it says nothing. */
export type Answer = readonly string[] | { readonly code: number } | "silent";

/** A name server on loopback that knows what it is told. */
export class NameServer implements AsyncDisposable {
  readonly names = new Map<string, Answer>();
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (message, { port, address }) => {
      const reply = this.#reply(message);
      if (reply !== undefined) socket.send(reply, port, address);
    });
  }

  static async start(): Promise<NameServer> {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    return new NameServer(socket);
  }

  get address(): { readonly ipAddr: string; readonly port: number } {
    return { ipAddr: "127.0.0.1", port: this.#socket.address().port };
  }

  #reply(message: Buffer): Buffer | undefined {
    const end = message.indexOf(0, 12);
    const name = [...labels(message.subarray(12, end))].join(".");
    const type = message.readUInt16BE(end + 1);
    const answer = this.names.get(name) ?? { code: 3 };
    if (answer === "silent") return undefined;
    const addresses = "code" in answer || type !== 1 ? [] : answer;
    const header = Buffer.alloc(12);
    message.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180 | ("code" in answer ? answer.code : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(addresses.length, 6);
    // Each record points to the name of the question; it is an A record of the Internet, good for 5 s.
    const records = addresses.map((address) =>
      Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, ...address.split(".").map(Number)])
    );
    return Buffer.concat([header, message.subarray(12, end + 5), ...records]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await once(this.#socket, "close");
  }
}

function* labels(name: Buffer): Generator<string> {
  for (let at = 0; at < name.length; at += 1 + name[at]!) {
    yield name.toString("latin1", at + 1, at + 1 + name[at]!);
  }
}
