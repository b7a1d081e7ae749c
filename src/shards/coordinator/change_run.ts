import type { WatchedDatabase } from "../../config/mod.ts";
import { DatabaseError } from "../../connection/mod.ts";
import { databaseOf, groupWith, type Member, readMembers } from "../members/member.ts";
import { MEMBER_TABLE } from "../members/tables.ts";
import { MoveError } from "../move/mod.ts";
import { textLiteral } from "../move/session.ts";
import { ProvisionError, waitForServer } from "../provision/mod.ts";
import { readMap } from "../router/open_router.ts";
import { RouterProblem } from "../router/problem.ts";
import { addsShard, type Change, ChangeError } from "./change.ts";
import { type ChangeUpdate, findChange, updateChange } from "./change_journal.ts";
import {
  CancelledError,
  type ChangeRun,
  StoppedError,
  untilAllowed,
  untilCancelled,
} from "./change_context.ts";
import { cancelling } from "./cancel.ts";
import { claimServer, updateMember } from "./claim.ts";
import { groupNow } from "./group_now.ts";
import { FailedError, plannedTransfers } from "./planned.ts";
import { newcomerFault } from "./newcomer.ts";
import { needOf, release } from "./release.ts";
import { isFinal, isOf } from "./server_error.ts";
import type { SlotTransfer } from "./slot_choice.ts";
import { moveSlots } from "./transfers.ts";

/**
 * Carries out a change from the step in its journal on, until its end: it may have been ended before at any point.
 * @throws {StoppedError}
 * @throws {LeaseError} Somebody else carries on with it.
 * @throws {DatabaseError} The metadata cannot be used: it can be carried on with later.
 */
export async function runChange(change: Change, given: ChangeRun): Promise<Change> {
  let current = change;
  const run: StepRun = { ...given, unanswered: new Map() };
  while (current.outcome === undefined) {
    try {
      current = await nextStep(current, run);
    } catch (error) {
      current = await afterError(error, current, run);
    }
  }
  run.tell({ kind: "end", change: current });
  return current;
}

async function nextStep(change: Change, run: StepRun): Promise<Change> {
  if (change.step !== "cancelling") await untilAllowed(change, run);
  else if (run.signal.aborted) throw new StoppedError();
  await run.lease.verify();
  run.tell({ kind: "step", change });
  return await STEPS[change.step](change, run);
}

/** What becomes of a change after an error; throws it where it may be carried on with later. */
async function afterError(error: unknown, change: Change, run: ChangeRun): Promise<Change> {
  const isOvertaken = error instanceof ChangeError && error.code === "conflict";
  if (error instanceof CancelledError || isOvertaken) {
    const now = await findChange(run.lease.session, change.id);
    if (now?.step === "cancelling") return now;
  }
  const reason = failureOf(error);
  if (reason === undefined) throw error;
  return await update(change, run, { outcome: "failed", reason });
}

/** Why a change fails for good; undefined: it may be carried on with. */
function failureOf(error: unknown): string | undefined {
  if (error instanceof FailedError) return error.message;
  if (error instanceof MoveError) {
    return `${error.message}${error.advice === undefined ? "" : `: ${error.advice}`}`;
  }
  if (error instanceof ChangeError && error.code === "refused") {
    return `${error.message}${error.hint === undefined ? "" : `: ${error.hint}`}`;
  }
}

interface StepRun extends ChangeRun {
  /** Since when, by the clock's `now`, a server of this name has not answered in this run. */
  readonly unanswered: Map<string, number>;
}

type Step = (change: Change, run: StepRun) => Promise<Change>;

const STEPS: Readonly<Record<Change["step"], Step>> = {
  decided,
  provisioning,
  preparing,
  planning,
  moving,
  releasing,
  cancelling,
  ended: (change) => Promise.resolve(change),
};

async function update(change: Change, { lease }: ChangeRun, changes: ChangeUpdate): Promise<Change> {
  return await updateChange(lease.session, change, changes);
}

async function decided(change: Change, run: ChangeRun): Promise<Change> {
  if (!addsShard(change.action)) return await update(change, run, { step: "planning" });
  await claimServer(run.lease.session, change, { group: run.group, now: run.clock.wall() });
  // It was changed with the claim, or is changed again.
  const member = (await readMembers(run.lease.session.connection)).find(({ decision }) =>
    decision === change.id
  );
  if (member === undefined) throw new FailedError("no server could be claimed");
  return { ...change, shard: member.shard, step: "provisioning" };
}

async function memberOf({ shard }: Change, { lease }: ChangeRun): Promise<Member> {
  const found = (await readMembers(lease.session.connection)).find((member) => member.shard === shard);
  if (found === undefined) throw new FailedError(`the journal knows no server of this name: "${shard}"`);
  return found;
}

/** Waits for the server, and sees that it is empty. */
async function provisioning(change: Change, run: ChangeRun): Promise<Change> {
  const member = await memberOf(change, run);
  try {
    const database = await serverOf(member, change, run);
    const members = await readMembers(run.lease.session.connection);
    const fault = await newcomerFault(groupWith(members, run.group), database, run.newId);
    if (fault !== undefined) return await giveUp(member, fault, { change, run });
  } catch (error) {
    if (error instanceof ProvisionError && run.signal.aborted) throw new StoppedError();
    if (error instanceof ProvisionError) return await giveUp(member, error.message, { change, run });
    if (!(error instanceof DatabaseError)) throw error;
    if (isLate(member, run)) return await giveUp(member, error.message, { change, run });
    return await again(change, error.message, run);
  }
  await updateMember(run.lease.session, member.shard, { state: "ready" });
  return await update(change, run, { step: "preparing" });
}

async function serverOf(member: Member, change: Change, run: ChangeRun): Promise<WatchedDatabase> {
  const { group, provisioner, signal, tell, lease } = run;
  const { shard, source } = member;
  let address = member.address;
  if ((source === "http" || source === "exec") && address === undefined) {
    if (provisioner === undefined) throw new ProvisionError("sharding.provision is not configured any more");
    address = await waitForServer(
      {
        ...provisioner,
        ask: async (request, signal) => {
          await untilAllowed(change, run);
          await lease.verify();
          return await provisioner.ask(request, signal);
        },
      },
      { name: shard, schema: group.sharding.schema, reason: change.cause },
      {
        clock: untilCancelled(change, run),
        signal,
        until: member.claimed + (group.sharding.provision?.timeout ?? 0),
        tell: (reason) => tell({ kind: "waiting", change, reason: `${shard}: ${reason}` }),
      },
    );
    await updateMember(lease.session, shard, { address });
  }
  const database = databaseOf({ shard, ...address && { address } }, group);
  if (database === undefined) throw new FailedError(`no database has this name: "${shard}"`);
  return database;
}

/** How long a standby that does not answer is tried, in milliseconds. */
const STANDBY_PATIENCE = 5_000;
/** How long to wait before something is tried again, in milliseconds. */
const PAUSE = 1_000;

/** How long a server that does not answer is tried, in milliseconds. */
function patienceOf({ source }: Member, { group }: ChangeRun): number {
  const isMade = source === "http" || source === "exec";
  return isMade ? group.sharding.provision?.timeout ?? 0 : STANDBY_PATIENCE;
}

function isLate(member: Member, run: ChangeRun): boolean {
  return run.clock.wall() >= member.claimed + patienceOf(member, run);
}

async function again(change: Change, reason: string, { clock, signal, tell }: ChangeRun): Promise<Change> {
  tell({ kind: "waiting", change, reason });
  await clock.sleep(PAUSE, signal);
  return change;
}

/** Marks a server that cannot be used, and chooses another one, where any will do. */
async function giveUp(
  member: Member,
  problem: string,
  { change, run }: { readonly change: Change; readonly run: ChangeRun },
): Promise<Change> {
  const { session } = run.lease;
  await updateMember(session, member.shard, { state: "failed", problem });
  const isMade = member.source === "http" || member.source === "exec";
  const reason = `${member.shard} cannot be used: ${problem}`;
  if (isMade) {
    const left = await release(member, change, run);
    return await update(change, run, {
      outcome: "failed",
      reason: left === undefined ? reason : `${reason}; ${left}`,
    });
  }
  if (change.named) return await update(change, run, { outcome: "failed", reason });
  run.tell({ kind: "waiting", change, reason });
  return await update(change, run, { step: "decided", shard: null, reason });
}

async function preparing(change: Change, run: StepRun): Promise<Change> {
  const member = await memberOf(change, run);
  await run.lease.verify();
  const group = await groupNow(run.group, run.lease.session);
  try {
    await run.prepare(group, member.shard);
  } catch (error) {
    if (error instanceof MoveError) return await giveUp(member, error.message, { change, run });
    if (!(error instanceof DatabaseError)) throw error;
    const isIts = await isOf(member.shard, error, group);
    if (isFinal(error) && isIts) return await giveUp(member, error.message, { change, run });
    if (isFinal(error)) throw new FailedError(error.message);
    if (isIts && isUnansweredFor(patienceOf(member, run), member.shard, run)) {
      return await giveUp(member, error.message, { change, run });
    }
    if (!isIts) run.unanswered.delete(member.shard);
    return await again(change, error.message, run);
  }
  return await update(change, run, { step: "planning" });
}

function isUnansweredFor(patience: number, shard: string, { unanswered, clock }: StepRun): boolean {
  const since = unanswered.get(shard) ?? clock.now();
  unanswered.set(shard, since);
  return clock.now() - since >= patience;
}

/** Chooses the slots, by the rows that are counted now. */
async function planning(change: Change, run: ChangeRun): Promise<Change> {
  const group = await groupNow(run.group, run.lease.session);
  const { sharding, databases } = group;
  let transfers: readonly SlotTransfer[];
  try {
    const map = await readMap(sharding, databases.find(({ name }) => name === sharding.metadata)!);
    transfers = await plannedTransfers(change, { group, map, members: map.members });
  } catch (error) {
    const isPassing = error instanceof DatabaseError || error instanceof RouterProblem;
    if (!isPassing) throw error;
    if (error instanceof DatabaseError && isFinal(error)) {
      throw new FailedError(`rows cannot be counted: ${error.message}`);
    }
    return await again(change, `rows cannot be counted: ${error.message}`, run);
  }
  if (change.shard !== undefined) await updateMember(run.lease.session, change.shard, { state: "serving" });
  return await update(change, run, { step: "moving", transfers });
}

async function moving(change: Change, run: ChangeRun): Promise<Change> {
  const failure = await moveSlots(change, { ...run, groupNow: () => groupNow(run.group, run.lease.session) });
  if (failure !== undefined) throw new FailedError(failure);
  if (change.action === "drain") return await update(change, run, { step: "releasing" });
  const reason = change.transfers.length === 0 ? "the shards are even: nothing was moved" : null;
  return await update(change, run, { outcome: "done", reason });
}

/** A drained shard gets no slots any more; one that was made for the group is given back where that is configured. */
async function releasing(change: Change, run: ChangeRun): Promise<Change> {
  const { session } = run.lease;
  const shard = change.source!;
  await session.run(MEMBER_TABLE);
  // Slots may have come since the last move: with the look, so that none begins between the two.
  const need = await session.transaction(async () => {
    const found = await needOf(session, shard);
    if (found === undefined) await session.run(drainedSql(shard, change, run));
    return found;
  });
  if (need?.kind === "moving") return await again(change, need.reason, run);
  if (need !== undefined) throw new FailedError(`${need.reason} again: ask for it to be drained once more`);
  const member = await memberOf({ ...change, shard }, run);
  const left = await release(member, change, run);
  return await update(change, run, { outcome: "done", reason: left ?? null });
}

function drainedSql(shard: string, { id }: Change, { clock }: ChangeRun): string {
  const values = [textLiteral(shard), "'configured'", "'drained'", id, String(Math.round(clock.wall()))];
  return `INSERT INTO qs_member (shard, source, state, decision, claimed) VALUES (${values.join(", ")}) ` +
    "ON DUPLICATE KEY UPDATE state = 'drained', decision = VALUES(decision)";
}
