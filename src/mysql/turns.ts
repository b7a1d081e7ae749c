import { connectAside, type SideConnection } from "./server.ts";
import { type Connection, type ConnectionTarget, DatabaseError } from "../connection/mod.ts";

/** How long to wait for a connection that is in use before another one is opened, in milliseconds. */
const PATIENCE = 200;

/**
 * Connections for statements that may take long, and of which none is to wait for another. They take turns on one; where
 * one of them is slow, the others get another connection, for as long as that lasts.
 */
export class Turns {
  readonly #target: ConnectionTarget;
  /** All that are open. */
  readonly #open = new Set<SideConnection>();
  readonly #free: SideConnection[] = [];
  /** How many have a connection, or wait for one. */
  #active = 0;
  /** How often all were closed. */
  #closings = 0;
  /** Who waits for a connection of another. */
  readonly #waiting = new Set<(aside: SideConnection) => void>();

  constructor(target: ConnectionTarget) {
    this.#target = target;
  }

  /**
   * Lends a connection. Whatever was left open on it is ended before the next one has it.
   * @throws {DatabaseError} Where there is none to be had; and whatever `use` throws.
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

  /** A connection of another, if one becomes free soon. */
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
      // Whoever comes next opens another.
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

  /** Takes leave, also of connections in use. Never fails. */
  async close(): Promise<void> {
    this.#closings++;
    this.#free.length = 0;
    await Promise.all([...this.#open].map((aside) => this.#close(aside)));
  }
}
