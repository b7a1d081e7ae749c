import type { Clock } from "../../clock.ts";
import type { Group } from "../members/member.ts";
import type { Provisioner } from "../provision/mod.ts";
import type { Session } from "../move/session.ts";
import type { Change } from "./change.ts";
import { findChange } from "./change_journal.ts";
import type { Lease } from "./lease.ts";

/** What is told of a change that is carried out. */
export type ChangeNews =
  | { readonly kind: "step"; readonly change: Change }
  /** It waits, and goes on by itself. */
  | { readonly kind: "waiting"; readonly change: Change; readonly reason: string }
  | { readonly kind: "end"; readonly change: Change };

/** What carrying out a change needs. */
export interface ChangeRun {
  /** The group as it is configured. */
  readonly group: Group;
  readonly lease: Lease;
  readonly clock: Clock;
  /** Ends it between two statements: it can be carried on with. */
  readonly signal: AbortSignal;
  /** Absent: no server is made. */
  readonly provisioner?: Provisioner;
  /** Makes something that is different each time. */
  newId(): string;
  /** Why nothing may be begun now; undefined: it may. */
  paused(): Promise<string | undefined>;
  /** Gives a new shard the schema, the reference tables and its own tables. May be run again. */
  prepare(group: Group, shard: string): Promise<void>;
  /** Runs a move until its end, or until `signal`. */
  move(group: Group, id: string): Promise<"done" | "aborted" | "stopped" | "paused">;
  tell(news: ChangeNews): void;
}

/** Its signal came: nothing more is begun. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}

/** The change is to be cancelled: nothing more of it is begun. */
export class CancelledError extends Error {
  override readonly name = "CancelledError";
}

/**
 * Refuses to go on with a change that is to be cancelled.
 * @param options.held Whether nobody can order that until the end of the transaction.
 * @throws {CancelledError}
 * @throws {DatabaseError}
 */
export async function refuseCancelled(
  { id, step }: Pick<Change, "id" | "step">,
  metadata: Session,
  options?: { readonly held: boolean },
): Promise<void> {
  if (step === "cancelling") return;
  const now = await findChange(metadata, id, options);
  if (now?.step === "cancelling") throw new CancelledError();
}

/** How long to wait before it is asked again whether something may be begun, in milliseconds. */
const PAUSE = 1_000;

/**
 * Waits as long as nothing may be begun.
 * @throws {StoppedError}
 * @throws {CancelledError}
 */
export async function untilAllowed(change: Change, run: ChangeRun): Promise<void> {
  for (;;) {
    if (run.signal.aborted) throw new StoppedError();
    await refuseCancelled(change, run.lease.session);
    const reason = await run.paused();
    if (reason === undefined) return;
    run.tell({ kind: "waiting", change, reason });
    await run.clock.sleep(PAUSE, run.signal);
  }
}

/** A clock whose sleep ends with a CancelledError once the change is to be cancelled. */
export function untilCancelled(change: Change, { clock, lease }: Pick<ChangeRun, "clock" | "lease">): Clock {
  return {
    now: () => clock.now(),
    wall: () => clock.wall(),
    async sleep(milliseconds, signal) {
      for (let left = milliseconds; left > 0 && signal?.aborted !== true; left -= PAUSE) {
        await clock.sleep(Math.min(left, PAUSE), signal);
        await refuseCancelled(change, lease.session);
      }
    },
  };
}
