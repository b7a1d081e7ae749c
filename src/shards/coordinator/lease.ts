import { crc32 } from "../slots/crc32.ts";
import type { GroupAccess } from "../move/mod.ts";
import { databaseOf } from "../move/group.ts";
import { ClaimedError, LONGEST_REST, Session } from "../move/session.ts";

/** How often something is said over the session of a lease, in milliseconds: see {@linkcode LONGEST_REST}. */
const SPEAK_EVERY = 1000 * LONGEST_REST / 5;

/** Somebody else changes the group, or nobody knows who does. */
export class LeaseError extends Error {
  override readonly name = "LeaseError";
}

/**
 * The right to change a group: a lock at the metadata database that lasts as long as its session, over which the journal of
 * changes is written. Whoever loses the one cannot write to the other.
 */
export class Lease {
  readonly session: Session;
  readonly #lock: string;
  readonly #speaking: ReturnType<typeof setInterval>;

  private constructor(session: Session, lock: string) {
    this.session = session;
    this.#lock = lock;
    // Moves and counts take longer than a server waits. Where it fails, the next statement of whoever acts does, too.
    this.#speaking = setInterval(() => session.run("DO 1").catch(() => {}), SPEAK_EVERY);
  }

  /**
   * Takes it.
   * @throws {LeaseError} Somebody else has it.
   * @throws {DatabaseError}
   */
  static async take(group: GroupAccess): Promise<Lease> {
    const { metadata, schema } = group.sharding;
    const lock = `qs_coordinator_${crc32(new TextEncoder().encode(schema)).toString(16)}`;
    try {
      return new Lease(await Session.open({ database: databaseOf(group, metadata), schema, lock }), lock);
    } catch (error) {
      if (!(error instanceof ClaimedError)) throw error;
      throw new LeaseError("another coordinator has the lease");
    }
  }

  /**
   * Asked right before each act.
   * @throws {LeaseError} It is lost.
   * @throws {DatabaseError} Nobody knows.
   */
  async verify(): Promise<void> {
    const own = await this.session.value(`SELECT IS_USED_LOCK('${this.#lock}') = CONNECTION_ID()`);
    if (own !== "1") throw new LeaseError("the lease is lost");
  }

  end(): Promise<void> {
    clearInterval(this.#speaking);
    return this.session.close();
  }
}
