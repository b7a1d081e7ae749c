import { DatabaseError } from "../../connection/mod.ts";
import type { Group } from "../members/member.ts";
import { MoveError, movesIn } from "../move/mod.ts";
import { withMetadata } from "../move/group.ts";
import { ClaimedError } from "../move/session.ts";
import { type Change, ChangeError, type ChangeRequest } from "./change.ts";
import { type ChangeNews, type ChangeRun, StoppedError } from "./change_context.ts";
import { activeChange, addChange, lastChanges } from "./change_journal.ts";
import { runChange } from "./change_run.ts";
import { cancelChange } from "./cancel.ts";
import { checkChange } from "./change_check.ts";
import { groupNow } from "./group_now.ts";
import { Lease, LeaseError } from "./lease.ts";
import { toldOnce } from "./told_once.ts";

/** What a coordinator needs. */
export interface CoordinatorOptions
  extends Pick<ChangeRun, "group" | "clock" | "provisioner" | "newId" | "paused" | "prepare" | "move"> {
  readonly signal: AbortSignal;
  tell(news: CoordinatorNews): void;
}

/** What is told of a coordinator. */
export type CoordinatorNews =
  | ChangeNews
  /** Whether it may change the group; `reason` says why not. */
  | { readonly kind: "lease"; readonly held: boolean; readonly reason?: string };

/** Whether a coordinator changes the group, and why not. */
export type CoordinatorRole =
  | { readonly role: "active" }
  /** It would, as soon as it can. */
  | { readonly role: "standby"; readonly why: string }
  | { readonly role: "dry-run" };

/** How often the journal is read for what others have asked for, and the lease is tried, in milliseconds. */
const PAUSE = 1_000;

/**
 * Carries out changes of a group, one at a time, from the journal in its metadata: those that policies decided, those that
 * people asked for, and those that somebody did not end. As long as it holds the lease.
 */
export class Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #waiting = new Map<string, (change: Change) => void>();
  #role: CoordinatorRole;
  #lease: Lease | undefined;
  #problem: string | undefined;
  #current: Change | undefined;

  constructor(options: CoordinatorOptions) {
    this.#options = options;
    this.#role = options.group.sharding.mode === "dry-run"
      ? { role: "dry-run" }
      : { role: "standby", why: "it has just begun" };
  }

  get role(): CoordinatorRole {
    return this.#role;
  }

  /** Why the change or the move under way waits; undefined: it does not. */
  get waitsFor(): string | undefined {
    return this.#problem;
  }

  /** The change that is carried out now. */
  get current(): Change | undefined {
    return this.#current;
  }

  /** Carries out changes until the signal. A dry run carries out nothing. */
  async run(): Promise<void> {
    const { signal, clock } = this.#options;
    if (this.#role.role === "dry-run") return;
    try {
      while (!signal.aborted) {
        try {
          this.#lease ??= await this.#take();
          await this.#work(this.#lease);
        } catch (error) {
          if (error instanceof StoppedError) break;
          await this.#standBy(error);
        }
        await clock.sleep(PAUSE, signal);
      }
    } finally {
      await this.#lease?.end();
      this.#lease = undefined;
    }
  }

  async #take(): Promise<Lease> {
    const lease = await Lease.take(this.#options.group);
    this.#role = { role: "active" };
    this.#options.tell({ kind: "lease", held: true });
    return lease;
  }

  /** Gives up the lease, as after any doubt, and says why. */
  async #standBy(error: unknown): Promise<void> {
    const isKnown = error instanceof LeaseError || error instanceof DatabaseError ||
      error instanceof ClaimedError ||
      error instanceof ChangeError || error instanceof MoveError;
    const why = error instanceof Error ? error.message : String(error);
    await this.#lease?.end();
    this.#lease = undefined;
    this.#current = undefined;
    const isNew = this.#role.role !== "standby" || this.#role.why !== why;
    this.#role = { role: "standby", why };
    if (isNew) this.#options.tell({ kind: "lease", held: false, reason: why });
    if (!isKnown) throw error;
  }

  /** Carries out what is in the journals. */
  async #work(lease: Lease): Promise<void> {
    await this.#tellEnded(lease);
    const change = await activeChange(lease.session);
    if (change !== undefined) return await this.#carryOn(change, lease);
    this.#problem = undefined;
    await lease.verify();
    const [move] = await movesIn(lease.session, { active: true });
    if (move?.state !== "running" && move?.state !== "aborting") return;
    const group = await groupNow(this.#options.group, lease.session);
    if (await this.#options.paused() !== undefined && move.state === "running") return;
    try {
      await this.#options.move(group, move.id);
    } catch (error) {
      if (!(error instanceof MoveError) || error.code !== "elsewhere") throw error;
      this.#problem = error.message;
    }
  }

  /** Somebody else may have ended what is waited for here. */
  async #tellEnded({ session }: Lease): Promise<void> {
    if (this.#waiting.size === 0) return;
    for (const change of await lastChanges(session, 2 * this.#waiting.size + 10)) {
      if (change.outcome === undefined) continue;
      this.#waiting.get(change.id)?.(change);
      this.#waiting.delete(change.id);
    }
  }

  async #carryOn(change: Change, lease: Lease): Promise<void> {
    this.#current = change;
    const tell = toldOnce(this.#options.tell);
    const ended = await runChange(change, {
      ...this.#options,
      lease,
      tell: (news) => {
        this.#current = news.change;
        this.#problem = news.kind === "waiting" ? news.reason : undefined;
        tell(news);
      },
    });
    this.#current = undefined;
    this.#waiting.get(ended.id)?.(ended);
    this.#waiting.delete(ended.id);
  }

  /**
   * Writes a change into the journal: whoever holds the lease carries it out.
   * @throws {ChangeError} It is not possible: nothing was changed.
   * @throws {DatabaseError}
   */
  async request(request: ChangeRequest): Promise<Change> {
    return await requestChange(this.#options.group, request, await this.#options.paused());
  }

  /** Cancels a change; throws as {@linkcode cancelChange}. */
  async cancel(id: string): Promise<Change> {
    return await cancelChange(this.#options.group, id);
  }

  /** Carries out what a policy decided, and waits for its end. */
  async carryOut(request: ChangeRequest): Promise<Change> {
    if (this.#role.role !== "active") {
      const why = this.#role.role === "standby" ? this.#role.why : "sharding.mode is dry-run";
      throw new ChangeError("unavailable", `this coordinator changes nothing: ${why}`);
    }
    const change = await this.request(request).catch((error) => this.#written(request, error));
    const { promise, resolve, reject } = Promise.withResolvers<Change>();
    this.#waiting.set(change.id, resolve);
    const { signal } = this.#options;
    signal.addEventListener("abort", () => reject(new StoppedError()), { once: true });
    return await promise;
  }

  /**
   * The change, where the answer was lost, and not the change: it would be done twice for one cause else. Throws the error
   * where it is not there.
   */
  async #written({ policy, action, source }: ChangeRequest, error: unknown): Promise<Change> {
    const { clock, signal } = this.#options;
    if (!(error instanceof DatabaseError)) throw error;
    while (!signal.aborted) {
      try {
        const [last] = await this.changes(1);
        const isIt = last !== undefined && last.outcome === undefined && last.policy === policy &&
          last.action === action && last.source === source;
        if (isIt) return last;
        break;
      } catch (failure) {
        if (!(failure instanceof DatabaseError)) throw failure;
        await clock.sleep(PAUSE, signal);
      }
    }
    throw error;
  }

  /** The last changes, the newest first. Throws DatabaseError. */
  async changes(count: number): Promise<readonly Change[]> {
    return await withMetadata(this.#options.group, (metadata) => lastChanges(metadata, count));
  }
}

/**
 * Writes a change into the journal, after what can be known before was looked at. Needs no lease: the journal holds one
 * change at a time.
 * @param paused Why nothing may be begun now.
 * @throws {ChangeError}
 * @throws {DatabaseError}
 */
export async function requestChange(
  configured: Group,
  request: ChangeRequest,
  paused?: string,
): Promise<Change> {
  if (configured.sharding.mode === "dry-run") {
    throw new ChangeError(
      "refused",
      "nothing was written: sharding.mode is dry-run",
      "set sharding.mode to enforce",
    );
  }
  if (paused !== undefined) throw new ChangeError("unavailable", `changes are paused: ${paused}`);
  return await withMetadata(configured, async (metadata) => {
    await checkChange(metadata, request, configured);
    return await addChange(metadata, request);
  });
}
