// @ts-check
// An extra reason for the health: a hostgroup of which fewer servers are online than have to be. No permissions:
//   plugins: [ { file: plugins/hostgroups.js } ]

/** How many servers have to be online, by hostgroup. @type {Readonly<Record<number, number>>} */
const NEEDED = { 10: 1, 20: 2 };

/** @param {import("./plugin.d.ts").Status} status */
export function health({ status }) {
  return Object.entries(NEEDED).flatMap(([hostgroup, needed]) => {
    // Where it is not known there is no reason: the agent says itself that ProxySQL cannot be asked.
    if (status === undefined) return [];
    const servers = status.backends.filter((backend) => backend.hostgroup === Number(hostgroup));
    const online = servers.filter((server) => server.status === "ONLINE").length;
    return online < needed ? [`hostgroup ${hostgroup} has ${online} servers online, and needs ${needed}`] : [];
  });
}
