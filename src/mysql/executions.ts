import { type ConnectionTarget, DatabaseError } from "../connection/mod.ts";
import type { DigestCount } from "../journal/mod.ts";
import { readExecutions } from "./reads/executions.ts";
import { Turns } from "./turns.ts";

/** Reads the statement summary of one server, on a connection of its own, since it may take long. */
export class StatementSummary {
  readonly #turns: Turns;
  #isBusy = false;

  constructor(target: ConnectionTarget) {
    this.#turns = new Turns(target);
  }

  /** How often statements ran, by the server's digests; undefined if that cannot be read, or is being read. Never fails. */
  async read(digests: readonly string[]): Promise<readonly DigestCount[] | undefined> {
    if (this.#isBusy) return undefined;
    this.#isBusy = true;
    try {
      return await this.#turns.take((connection) => readExecutions(connection, digests));
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      return undefined;
    } finally {
      this.#isBusy = false;
    }
  }

  /** Closes the connection, and gives up on what is being read. Never fails. */
  async close(): Promise<void> {
    await this.#turns.close();
  }
}
