import type { WatchedDatabase } from "../../config/mod.ts";
import { DatabaseError } from "../../connection/mod.ts";
import { databaseOf, groupWith, type Member, readMembers } from "../members/member.ts";
import { MEMBER_TABLE } from "../members/tables.ts";
import { MoveError } from "../move/mod.ts";
import { ProvisionError, waitForServer } from "../provision/mod.ts";
import { readMap } from "../router/open_router.ts";
import { RouterProblem } from "../router/problem.ts";
import { addsShard, type Change, ChangeError } from "./change.ts";
import { type ChangeUpdate, updateChange } from "./change_journal.ts";
import { type ChangeRun, StoppedError } from "./change_context.ts";
import { claimServer, updateMember } from "./claim.ts";
import { groupNow } from "./group_now.ts";
import { FailedError, plannedTransfers } from "./planned.ts";
import { newcomerFault } from "./newcomer.ts";
import { release } from "./release.ts";
import type { SlotTransfer } from "./slot_choice.ts";
import { moveSlots } from "./transfers.ts";

/**
 * Carries out a change from the step in its journal on, until its end: it may have been ended before at any point.
 * @throws {StoppedError}
 * @throws {LeaseError} Somebody else carries on with it.
 * @throws {DatabaseError} The metadata cannot be used: it can be carried on with later.
 */
export async function runChange(change: Change, run: ChangeRun): Promise<Change> {
  let current = change;
  while (current.outcome === undefined) {
    if (run.signal.aborted) throw new StoppedError();
    await run.lease.verify();
    run.tell({ kind: "step", change: current });
    try {
      current = await STEPS[current.step](current, run);
    } catch (error) {
      const reason = failureOf(error);
      if (reason === undefined) throw error;
      current = await update(current, run, { outcome: "failed", reason });
    }
  }
  run.tell({ kind: "end", change: current });
  return current;
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

type Step = (change: Change, run: ChangeRun) => Promise<Change>;

const STEPS: Readonly<Record<Change["step"], Step>> = {
  decided,
  provisioning,
  preparing,
  planning,
  moving,
  releasing,
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
    if (await isLate(member, run)) return await giveUp(member, error.message, { change, run });
    return await again(change, error.message, run);
  }
  await updateMember(run.lease.session, member.shard, { state: "ready" });
  return await update(change, run, { step: "preparing" });
}

async function serverOf(member: Member, change: Change, run: ChangeRun): Promise<WatchedDatabase> {
  const { group, provisioner, clock, signal, tell, lease } = run;
  const { shard, source } = member;
  let address = member.address;
  if ((source === "http" || source === "exec") && address === undefined) {
    if (provisioner === undefined) throw new ProvisionError("sharding.provision is not configured any more");
    address = await waitForServer(
      {
        ...provisioner,
        ask: async (request, signal) => {
          await lease.verify();
          return await provisioner.ask(request, signal);
        },
      },
      { name: shard, schema: group.sharding.schema, reason: change.cause },
      {
        clock,
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

async function isLate({ claimed, source }: Member, { clock, group }: ChangeRun): Promise<boolean> {
  const isMade = source === "http" || source === "exec";
  const patience = isMade ? group.sharding.provision?.timeout ?? 0 : STANDBY_PATIENCE;
  return await Promise.resolve(clock.wall() >= claimed + patience);
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

async function preparing(change: Change, run: ChangeRun): Promise<Change> {
  const member = await memberOf(change, run);
  await run.lease.verify();
  try {
    await run.prepare(await groupNow(run.group, run.lease.session), member.shard);
  } catch (error) {
    if (error instanceof MoveError) return await giveUp(member, error.message, { change, run });
    if (!(error instanceof DatabaseError)) throw error;
    if (await isLate(member, run)) return await giveUp(member, error.message, { change, run });
    return await again(change, error.message, run);
  }
  return await update(change, run, { step: "planning" });
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
  const { wall } = run.clock;
  await session.run(MEMBER_TABLE);
  await session.run(
    `INSERT INTO qs_member (shard, source, state, decision, claimed) VALUES ('${shard}', 'configured', 'drained', ` +
      `${change.id}, ${
        Math.round(wall())
      }) ON DUPLICATE KEY UPDATE state = 'drained', decision = VALUES(decision)`,
  );
  const member = await memberOf({ ...change, shard }, run);
  const left = await release(member, change, run);
  return await update(change, run, { outcome: "done", reason: left ?? null });
}
