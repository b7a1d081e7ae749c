import { needsNewConnection } from "../../../config/mod.ts";
import type { AppConfig } from "../../../app/mod.ts";

/** Whether `run` serves the router or the coordinator of a configuration: where their addresses were written. */
export function servesShards({ config: { sharding, endpoint } }: AppConfig): boolean {
  return (sharding ?? endpoint)?.router.isWritten === true || sharding?.admin.isWritten === true;
}

/** Whether what `run` serves of shards, or did, would be another one: a reload does not change it. */
export function changesShards(before: AppConfig, after: AppConfig): boolean {
  if (!servesShards(before) && !servesShards(after)) return false;
  const group = ({ config: { sharding, endpoint } }: AppConfig) => JSON.stringify([sharding, endpoint]);
  if (group(before) !== group(after)) return true;
  const { sharding, endpoint } = after.config;
  const names = new Set([
    ...sharding === undefined ? [] : [sharding.metadata, ...sharding.shards, ...sharding.pool],
    ...endpoint === undefined ? [] : [endpoint.name],
  ]);
  return [...names].some((name) => {
    const [old, now] = [before, after].map(({ databases }) => databases.find((each) => each.name === name));
    return old === undefined || now === undefined || needsNewConnection(old, now);
  });
}
