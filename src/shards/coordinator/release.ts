import type { Member } from "../members/member.ts";
import { ProvisionError } from "../provision/mod.ts";
import type { Change } from "./change.ts";
import { type ChangeRun, StoppedError } from "./change_context.ts";
import { updateMember } from "./claim.ts";

/** How long to wait before it is asked again, in milliseconds. */
const PAUSE = 2_000;

/**
 * Gives a server back that was made for the group, where that is configured: one that owns no slot, by the map.
 * @returns Why it is still there; undefined: it is given back, or is not to be.
 */
export async function release(member: Member, change: Change, run: ChangeRun): Promise<string | undefined> {
  const { group, provisioner, lease, clock, signal, tell } = run;
  const { provision, schema } = group.sharding;
  const isMade = member.source === "http" || member.source === "exec";
  if (!isMade || provision?.destroy !== "when-drained" || provisioner === undefined) return undefined;
  const shard = member.shard;
  const until = clock.wall() + provision.timeout;
  for (;;) {
    if (signal.aborted) throw new StoppedError();
    await lease.verify();
    const owned = await lease.session.value(`SELECT COUNT(*) FROM qs_map WHERE shard = '${shard}'`);
    if (owned !== "0") return `${shard} owns ${owned} slots: it is not given back`;
    let problem = "it is still there";
    try {
      if (await provisioner.destroy({ name: shard, schema, reason: change.cause }, signal) === "done") {
        await updateMember(lease.session, shard, { state: "released" });
        return undefined;
      }
    } catch (error) {
      if (!(error instanceof ProvisionError)) throw error;
      problem = error.message;
      if (error.isFinal) return `${shard} was not given back: ${problem}`;
    }
    if (clock.wall() >= until) return `${shard} was not given back in time: ${problem}`;
    tell({ kind: "waiting", change, reason: `${shard} is being given back: ${problem}` });
    await clock.sleep(PAUSE, signal);
  }
}
