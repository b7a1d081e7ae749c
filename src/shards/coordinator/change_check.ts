import { didYouMean, quoted } from "../../text/nearest.ts";
import { type Group, groupWith, readMembers } from "../members/member.ts";
import type { Session } from "../move/session.ts";
import { addsShard, ChangeError, type ChangeRequest } from "./change.ts";
import { chooseServer, idleServer } from "./claim.ts";

/**
 * Refuses a change that cannot be carried out, as far as that is known before: there is no server, no such shard, or no room.
 * @throws {ChangeError}
 * @throws {DatabaseError}
 */
export async function checkChange(
  metadata: Session,
  { action, source, shard }: ChangeRequest,
  configured: Group,
): Promise<void> {
  const members = await readMembers(metadata.connection);
  const group = groupWith(members, configured);
  const owners = await metadata.rows("SELECT shard, COUNT(*) AS slots FROM qs_map GROUP BY shard");
  const slotsOf = (name: string) => Number(owners.find((row) => row["shard"] === name)?.["slots"] ?? 0);
  if (owners.length === 0) {
    throw new ChangeError("refused", "the map has no slots", "begin with shards init");
  }
  if (source !== undefined && !group.sharding.shards.includes(source)) {
    throw new ChangeError(
      "not_found",
      `no shard has this name: ${quoted(source.slice(0, 80))}${
        didYouMean(source, group.sharding.shards, '"')
      }`,
    );
  }
  if (action === "split" && slotsOf(source!) < 2) {
    throw new ChangeError("refused", `"${source}" has ${slotsOf(source!)} slots: there is nothing to divide`);
  }
  if (action === "drain" && group.sharding.shards.every((name) => name === source || isDrained(name))) {
    throw new ChangeError("refused", `no other shard can take the slots of "${source}"`);
  }
  if (!addsShard(action)) return;
  const { maxShards } = configured.sharding.growth;
  const named = owners.map((row) => row["shard"]!);
  // A server that was added counts though it has no slots yet: what comes next for it is no other one.
  const shards = new Set([...named, ...group.sharding.shards.filter((name) => !isDrained(name))]);
  if (shards.size >= maxShards && idleServer({ members, owners: named }, shard) === undefined) {
    throw new ChangeError(
      "refused",
      `the group has ${shards.size} shards, as many as it may have`,
      "raise sharding.max_shards",
    );
  }
  chooseServer({
    sharding: configured.sharding,
    databases: configured.databases.map(({ name }) => name),
    members,
    owners: named,
  }, shard);

  function isDrained(name: string): boolean {
    return members.some((member) => member.shard === name && member.state === "drained");
  }
}
