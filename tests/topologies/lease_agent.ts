// An agent that does nothing but lead, or not: each 20 ms it prints whether it would write.

import { systemClock } from "../../src/clock.ts";
import { agentIdentity, leaderOf } from "../../src/proxysql/agent/leader_of.ts";
import { podAccess } from "../../src/proxysql/kubernetes/pod_access.ts";

const [folder] = Deno.args;
const leader = leaderOf({ role: "core", leader: { kind: "kubernetes", lease: "cores" } }, {
  clock: systemClock,
  identity: agentIdentity((name) => Deno.env.get(name)),
  databases: [],
  access: podAccess({ environment: (name) => Deno.env.get(name), folder: folder! }),
});
setInterval(() => {
  if (leader.leads()) Deno.stdout.writeSync(new TextEncoder().encode("w"));
}, 20);
while (true) {
  await leader.renew();
  await systemClock.sleep(leader.every);
}
