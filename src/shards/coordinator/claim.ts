import type { ShardingConfig } from "../../config/mod.ts";
import { type Member, readMembers } from "../members/member.ts";
import { MEMBER_TABLE } from "../members/tables.ts";
import type { GroupAccess } from "../move/mod.ts";
import { type Session, textLiteral } from "../move/session.ts";
import { didYouMean, quoted } from "../../text/nearest.ts";
import { type Change, ChangeError, isShardName, SHARD_NAMES } from "./change.ts";

/** What choosing a server needs to know. */
export interface Candidates {
  readonly sharding: ShardingConfig;
  /** The names of all databases of the configuration. */
  readonly databases: readonly string[];
  readonly members: readonly Member[];
  /** The shards that own slots, by the map. */
  readonly owners: readonly string[];
}

/** A server for a new shard. */
export interface Candidate {
  readonly shard: string;
  readonly source: Member["source"];
}

/** Members that may be claimed again: nothing of the group is there. */
const FREE: readonly Member["state"][] = ["drained", "released"];

/**
 * Chooses a server: one of the group that owns no slot, as after a change that failed; else the first standby that nobody
 * has claimed; else one that is made.
 * @param name The one that is asked for; it may be one that failed before.
 * @throws {ChangeError} There is none, or not this one.
 */
export function chooseServer(candidates: Candidates, name?: string): Candidate {
  const { sharding, databases, members } = candidates;
  const { pool, provision } = sharding;
  const stateOf = (shard: string) => members.find((member) => member.shard === shard)?.state;
  const isFree = (shard: string) => {
    const state = stateOf(shard);
    return !sharding.shards.includes(shard) && (state === undefined || FREE.includes(state));
  };
  const idle = idleServer(candidates, name);
  if (idle !== undefined) return idle;
  if (name !== undefined) return namedServer(candidates, name);
  const standby = pool.find(isFree);
  if (standby !== undefined) return { shard: standby, source: "pool" };
  if (provision !== undefined) {
    const taken = new Set([...databases, ...sharding.shards, ...members.map(({ shard }) => shard)]);
    return { shard: freeName(taken), source: provision.kind };
  }
  const failed = pool.filter((shard) => stateOf(shard) === "failed");
  throw new ChangeError(
    "refused",
    pool.length === 0
      ? "there is no server for a new shard"
      : `no standby of the pool is free: ${pool.length} are named, ${failed.length} of them failed`,
    failed.length === 0
      ? "name a standby in sharding.pool, or say how one is made in sharding.provision"
      : `mend it and ask for it by its name: shards add ${failed[0]}`,
  );
}

/** A server that was added, and owns no slot; undefined: there is none, or not this one. */
export function idleServer(
  { members, owners }: Pick<Candidates, "members" | "owners">,
  name?: string,
): Candidate | undefined {
  const found = members.find(({ shard, state }) =>
    (state === "ready" || state === "serving") && !owners.includes(shard) &&
    (name === undefined || name === shard)
  );
  return found && { shard: found.shard, source: found.source };
}

function namedServer({ sharding, databases, members }: Candidates, name: string): Candidate {
  const { pool, provision } = sharding;
  if (!isShardName(name)) {
    throw new ChangeError("refused", `this is no name of a shard: ${quoted(name.slice(0, 80))}`, SHARD_NAMES);
  }
  const member = members.find(({ shard }) => shard === name);
  const isMember = member === undefined
    ? sharding.shards.includes(name)
    : !FREE.includes(member.state) && member.state !== "failed";
  if (isMember) {
    throw new ChangeError("conflict", `this is a shard already: ${quoted(name)}`);
  }
  if (sharding.shards.includes(name)) return { shard: name, source: "configured" };
  if (pool.includes(name)) return { shard: name, source: "pool" };
  if (databases.includes(name)) {
    throw new ChangeError(
      "refused",
      `this database is no standby: ${quoted(name)}`,
      "name it in sharding.pool where it is empty and meant for the group",
    );
  }
  if (provision === undefined) {
    throw new ChangeError(
      "refused",
      `no standby has this name: ${quoted(name)}${didYouMean(name, pool, '"')}`,
    );
  }
  // The tables of the map do not tell them apart.
  const alike = [...sharding.shards, ...databases, ...members.map(({ shard }) => shard)]
    .find((other) => other !== name && other.toLowerCase() === name.toLowerCase());
  if (alike === undefined) return { shard: name, source: provision.kind };
  throw new ChangeError("refused", `another shard has this name in other letters: ${quoted(alike)}`);
}

function freeName(taken: ReadonlySet<string>): string {
  for (let number = taken.size + 1;; number++) {
    if (!taken.has(`shard-${number}`)) return `shard-${number}`;
  }
}

const IDLE = "state IN ('ready', 'serving')";

/** The shards that own slots, by the map. Throws DatabaseError. */
export async function readOwners(metadata: Session): Promise<readonly string[]> {
  return (await metadata.rows("SELECT DISTINCT shard FROM qs_map")).map(({ shard }) => shard!);
}

/**
 * Claims a server for a change: the same one again where that was done. In one transaction with the journal, so that nobody
 * else claims it, and nothing is claimed for a change that does not know of it.
 * @throws {ChangeError} There is none.
 * @throws {DatabaseError}
 */
export async function claimServer(
  metadata: Session,
  change: Change,
  { group, now }: { readonly group: GroupAccess; readonly now: number },
): Promise<void> {
  await metadata.run(MEMBER_TABLE);
  await metadata.transaction(async () => {
    await metadata.rows("SELECT shard FROM qs_member FOR UPDATE");
    const members = await readMembers(metadata.connection);
    const claimed = members.find(({ decision, state }) => decision === change.id && state === "claimed");
    const { shard, source } = claimed ?? chooseServer({
      sharding: group.sharding,
      databases: group.databases.map(({ name }) => name),
      members,
      owners: await readOwners(metadata),
    }, change.shard);
    const values = [textLiteral(shard), `'${source}'`, "'claimed'", change.id, String(Math.round(now))];
    await metadata.run(
      `INSERT INTO qs_member (shard, source, state, decision, claimed) VALUES (${values.join(", ")}) ` +
        // In their order: where one of the group is, is known, and one that is made is another one each time.
        `ON DUPLICATE KEY UPDATE host = IF(${IDLE}, host, NULL), port = IF(${IDLE}, port, NULL), ` +
        "source = VALUES(source), state = VALUES(state), decision = VALUES(decision), " +
        "claimed = VALUES(claimed), problem = NULL",
    );
    await metadata.run(
      `UPDATE qs_decision SET shard = ${
        textLiteral(shard)
      }, step = 'provisioning', changed = UTC_TIMESTAMP(3) ` +
        `WHERE id = ${change.id} AND active = 1 AND step = 'decided'`,
    );
  });
}

/** What changes of a member: only what is named. Throws DatabaseError. */
export async function updateMember(
  metadata: Session,
  shard: string,
  { state, address, problem }: {
    readonly state?: Member["state"];
    readonly address?: { readonly host: string; readonly port: number };
    readonly problem?: string;
  },
): Promise<void> {
  const sets = [
    ...state === undefined ? [] : [`state = '${state}'`],
    ...address === undefined ? [] : [`host = ${textLiteral(address.host)}`, `port = ${address.port}`],
    ...problem === undefined ? [] : [`problem = ${textLiteral(problem.slice(0, 1000))}`],
  ];
  await metadata.run(`UPDATE qs_member SET ${sets.join(", ")} WHERE shard = ${textLiteral(shard)}`);
}
