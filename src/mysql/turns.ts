import { connectAside, type SideConnection } from "./server.ts";
import { type Connection, type ConnectionTarget, DatabaseError } from "../connection/mod.ts";

/** How long to wait for a busy connection before another one is opened, in milliseconds. */
const PATIENCE = 200;

/**
 * Connections for statements that may take long and must not wait for each other. They take turns on one connection;
 * while one of them is slow, the others get another connection.
 */
export class Turns {
  readonly #target: ConnectionTarget;
  /** The open connections. */
  readonly #open = new Set<SideConnection>();
  readonly #free: SideConnection[] = [];
  /** How many users have a connection or wait for one. */
  #active = 0;
  /** How often all connections were closed. */
  #closings = 0;
  /** The users that wait for a busy connection. */
  readonly #waiting = new Set<(aside: SideConnection) => void>();

  constructor(target: ConnectionTarget) {
    this.#target = target;
  }

  /**
   * Lends a connection. Whatever is left open on it is ended before it is lent again.
   * @throws {DatabaseError} If none can be opened; and whatever `use` throws.
   */
  async take<T>(use: (connection: Connection) => Promise<T>): Promise<T> {
    const isFirst = this.#active++ === 0;
    let aside = this.#free.pop();
    try {
      if (!isFirst) aside ??= await this.#wait();
      aside ??= await this.#connect();
      return await use(aside.connection);
    } finally {
      this.#active--;
      if (aside !== undefined) await this.#giveBack(aside);
    }
  }

  /** A busy connection, if it becomes free soon. */
  #wait(): Promise<SideConnection | undefined> {
    return new Promise((resolve) => {
      const take = (aside: SideConnection | undefined) => {
        clearTimeout(timer);
        this.#waiting.delete(take);
        resolve(aside);
      };
      const timer = setTimeout(take, PATIENCE, undefined);
      this.#waiting.add(take);
    });
  }

  async #connect(): Promise<SideConnection> {
    const closings = this.#closings;
    const aside = await connectAside(this.#target);
    this.#open.add(aside);
    if (closings === this.#closings) return aside;
    await this.#close(aside);
    throw new DatabaseError("lost", "the connection was closed");
  }

  async #giveBack(aside: SideConnection): Promise<void> {
    try {
      await aside.renew();
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      // The next user opens another one.
      return await this.#close(aside);
    }
    const [next] = this.#waiting;
    if (next !== undefined) next(aside);
    else if (this.#free.length === 0 && this.#open.has(aside)) this.#free.push(aside);
    else await this.#close(aside);
  }

  async #close(aside: SideConnection): Promise<void> {
    this.#open.delete(aside);
    await aside.connection.close();
  }

  /** Closes all connections, even busy ones. Never fails. */
  async close(): Promise<void> {
    this.#closings++;
    this.#free.length = 0;
    await Promise.all([...this.#open].map((aside) => this.#close(aside)));
  }
}
