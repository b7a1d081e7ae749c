import type { RehearsedChange } from "../../../shards/coordinator/mod.ts";
import { slotsText } from "../../../shards/move/mod.ts";

const SOURCES = {
  configured: "a shard that was drained",
  pool: "a standby of the pool",
  http: "which the service of sharding.provision makes",
  exec: "which the program of sharding.provision makes",
} as const;

/** What a change would do, a line each. */
export function rehearsedText({ server, transfers }: RehearsedChange): readonly string[] {
  return [
    ...server === undefined ? [] : [`would add ${server.shard}, ${SOURCES[server.source]}`],
    ...transfers.map(({ from, to, slots }) =>
      `would move ${slots.length} slots from ${from} to ${to}: ${slotsText(slots)}`
    ),
    ...server === undefined && transfers.length === 0 ? ["would move nothing: the shards are even"] : [],
  ];
}
