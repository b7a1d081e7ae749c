import type { Member } from "../members/member.ts";
import { ProvisionError } from "../provision/mod.ts";
import type { Change } from "./change.ts";
import { type ChangeRun, untilAllowed } from "./change_context.ts";
import type { Session } from "../move/session.ts";
import { textLiteral } from "../move/session.ts";
import { updateMember } from "./claim.ts";

/** How long to wait before it is asked again, in milliseconds. */
const PAUSE = 2_000;

/**
 * Why a shard is still needed, in a transaction, which no move begins and none ends meanwhile; undefined: the map gives it
 * no slot, and no move that is under way names it.
 * @throws {DatabaseError}
 */
export async function needOf(
  metadata: Session,
  shard: string,
): Promise<{ readonly kind: "owns" | "moving"; readonly reason: string } | undefined> {
  const moves = await metadata.rows("SELECT id, active, source, destination FROM qs_move FOR UPDATE");
  const move = moves.find(({ active, source, destination }) =>
    active !== null && (source === shard || destination === shard)
  );
  if (move !== undefined) return { kind: "moving", reason: `move ${move["id"]} of ${shard} is under way` };
  const owned = await metadata.value(
    `SELECT COUNT(*) AS n FROM qs_map WHERE shard = ${textLiteral(shard)} FOR UPDATE`,
  );
  return owned === "0" ? undefined : { kind: "owns", reason: `${shard} owns ${owned} slots` };
}

/** Whether a server is given back once nothing needs it: one that was made for the group, where that is configured. */
export function isGivenBack(
  { source }: Pick<Member, "source">,
  { group, provisioner }: Pick<ChangeRun, "group" | "provisioner">,
): boolean {
  const isMade = source === "http" || source === "exec";
  return isMade && group.sharding.provision?.destroy === "when-drained" && provisioner !== undefined;
}

/**
 * Gives a server back that was made for the group, where that is configured: one that owns no slot, by the map, and that no
 * move names.
 * @returns Why it is still there; undefined: it is given back, or is not to be.
 */
export async function release(member: Member, change: Change, run: ChangeRun): Promise<string | undefined> {
  const { group, provisioner, lease, clock, signal, tell } = run;
  const { provision, schema } = group.sharding;
  if (!isGivenBack(member, run) || provision === undefined || provisioner === undefined) return undefined;
  const shard = member.shard;
  let until = clock.wall() + provision.timeout;
  for (;;) {
    const began = clock.wall();
    await untilAllowed(change, run);
    // A pause is not its fault.
    until += clock.wall() - began;
    await lease.verify();
    const need = await lease.session.transaction(() => needOf(lease.session, shard));
    if (need !== undefined) return `${need.reason}: it is not given back`;
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
