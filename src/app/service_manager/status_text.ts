import type { DatabaseStatus } from "../watches.ts";

/**
 * How a fleet is, in one line for `systemctl status`.
 * @param silent How many of its watchers have done nothing for too long.
 */
export function statusText(databases: readonly DatabaseStatus[], silent: number): string {
  const watched = databases.filter(({ connected }) => connected);
  const hurt = watched.filter(({ hurt }) => hurt).length;
  const kills = databases.reduce((sum, { kills }) => sum + kills, 0);
  const away = databases.length - watched.length;
  return [
    `${databases.length} database${databases.length === 1 ? "" : "s"}`,
    ...away === 0 ? [] : [`${away} not reached`],
    ...silent === 0 ? [] : [`${silent} not looked at any more`],
    `${hurt} hurt`,
    `${kills} kill${kills === 1 ? "" : "s"}`,
    ...databases.some(({ hold }) => hold?.reason === "paused") ? ["kills are paused"] : [],
  ].join(", ");
}
