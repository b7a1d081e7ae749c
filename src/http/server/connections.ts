import type { Limits } from "./limits.ts";

/** What is used of a socket of Node. */
export interface ClientSocket {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly writableLength: number;
  readonly bytesWritten: number;
  readonly destroyed: boolean;
  destroy(): unknown;
  on(event: "close" | "error", listener: () => void): unknown;
}

/** What is used of a response of Node. */
export interface ClientResponse {
  /** With what waits behind other answers of the same connection. */
  readonly writableLength: number;
}

interface Connection {
  /** The one that is encrypted comes first, the one below it last. */
  readonly sockets: ClientSocket[];
  /** Answers that have not come to their end. */
  readonly open: Set<ClientResponse>;
  /** When it has to have got further, if nothing is open. */
  due: number;
  /** How much was sent when it was last seen to get further, and when that was. */
  sent: number;
  sentAt: number;
  /** When the oldest answer has to be through; streams have no end. */
  finish: number;
}

/**
 * All open connections. Each has its time for whatever comes next: own timers, since those of the runtime differ from
 * version to version, and end neither a silent handshake nor a reader who stops to read.
 */
export class Connections {
  readonly #limits: Limits;
  /** By address and port of the client, by which the encrypted socket finds the one below it. */
  readonly #all = new Map<string, Connection>();
  readonly #of = new WeakMap<ClientSocket, Connection>();
  readonly #now: () => number;

  constructor(limits: Limits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  get size(): number {
    return this.#all.size;
  }

  /** A client has connected. */
  opened(socket: ClientSocket, { encrypts }: { readonly encrypts: boolean }): void {
    const now = this.#now();
    const due = now + (encrypts ? this.#limits.handshake : this.#limits.head);
    const key = keyOf(socket);
    const connection = {
      sockets: [socket],
      open: new Set<ClientResponse>(),
      due,
      sent: 0,
      sentAt: now,
      finish: Infinity,
    };
    this.#all.set(key, connection);
    this.#of.set(socket, connection);
    // An error without a listener would end the program.
    socket.on("error", () => {});
    socket.on("close", () => {
      if (this.#all.get(key) === connection) this.#all.delete(key);
    });
  }

  /** Its handshake is over. */
  secured(socket: ClientSocket): void {
    socket.on("error", () => {});
    const connection = this.#all.get(keyOf(socket));
    if (connection === undefined) return;
    connection.sockets.unshift(socket);
    this.#of.set(socket, connection);
    connection.due = this.#now() + this.#limits.head;
  }

  /** A request has come; returns how many of this connection are open with it. */
  asked(socket: ClientSocket, response: ClientResponse): number {
    const connection = this.#of.get(socket);
    if (connection === undefined) return 1;
    connection.finish = this.#now() + this.#limits.answer;
    return connection.open.add(response).size;
  }

  /** What is being answered has no end. */
  streams(socket: ClientSocket): void {
    const connection = this.#of.get(socket);
    if (connection !== undefined) connection.finish = Infinity;
  }

  /** A request was answered to its end. */
  answered(socket: ClientSocket, response: ClientResponse): void {
    const connection = this.#of.get(socket);
    if (connection === undefined) return;
    connection.open.delete(response);
    connection.due = this.#now() + this.#limits.rest;
    if (connection.open.size === 0) connection.finish = Infinity;
  }

  /** Ends those that took too long, and the slowest readers where too much waits for all. */
  sweep(): void {
    const now = this.#now();
    let waiting = 0;
    for (const connection of this.#all.values()) {
      if (this.#isOver(connection, now)) destroy(connection);
      else waiting += backlog(connection);
    }
    if (waiting <= this.#limits.unreadOfAll) return;
    for (const connection of [...this.#all.values()].toSorted((a, b) => backlog(b) - backlog(a))) {
      if (waiting <= this.#limits.unreadOfAll) return;
      waiting -= backlog(connection);
      destroy(connection);
    }
  }

  #isOver(connection: Connection, now: number): boolean {
    if (connection.open.size === 0) return now >= connection.due;
    const [{ bytesWritten = 0, writableLength: waiting = 0 } = {}] = connection.sockets;
    const sent = bytesWritten - waiting;
    if (waiting === 0 || sent !== connection.sent) [connection.sent, connection.sentAt] = [sent, now];
    return now >= connection.finish || now - connection.sentAt >= this.#limits.stalled;
  }

  /** Ends all. */
  end(): void {
    for (const connection of [...this.#all.values()]) destroy(connection);
  }
}

/** No two open connections to one address have the same. */
function keyOf({ remoteAddress, remotePort }: ClientSocket): string {
  return `${remoteAddress} ${remotePort}`;
}

function backlog({ open }: Connection): number {
  let sum = 0;
  for (const { writableLength } of open) sum += writableLength;
  return sum;
}

function destroy({ sockets }: Connection): void {
  for (const socket of sockets) socket.destroy();
}
