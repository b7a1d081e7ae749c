// Two agents of ProxySQL as processes, with an election by a lock on a real server, and plugins: the leader is killed while
// its plugin runs.

import { assert, assertEquals } from "@std/assert";
import { CREDENTIALS } from "../cli/proxysql.ts";
import { changes, RunningAgent } from "../cli/running_agent.ts";
import { Folder } from "../config/folder.ts";
import { onEachFlavor } from "../integration/fixture.ts";
import { ACCOUNTS, type LabServer, waitFor } from "../lab/mod.ts";
import { ProxysqlCluster } from "../lab/proxysql/cluster.ts";

/** What plugins asked for: by whom, and which event. Nobody is answered, so whoever asks waits until it is ended. */
function hook() {
  const asked: string[] = [];
  const over = Promise.withResolvers<void>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    asked.push(new URL(request.url).pathname);
    await Promise.race([
      over.promise,
      new Promise((resolve) => request.signal.addEventListener("abort", resolve)),
    ]);
    return new Response();
  });
  return {
    asked,
    place: `127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      over.resolve();
      await server.shutdown();
    },
  };
}

/** An agent of a core that may lead, with a plugin that waits for an answer once it leads. */
async function agentOf(
  name: string,
  { port, address }: { readonly port: number; readonly address: string },
  { server, peers, place }: {
    readonly server: LabServer;
    readonly peers: readonly string[];
    readonly place: string;
  },
): Promise<RunningAgent> {
  const { user, password } = ACCOUNTS.sniper;
  const folder = await Folder.make({
    "credentials.yaml": `${CREDENTIALS}default: { user: "${user}", password: "${password}" }\n`,
    "hook.js": `export async function event({ event, state }) {
      if (event === "proxysql-leader" && state === "leads") await fetch("http://${place}/${name}");
    }`,
  });
  const more = [
    ...["role: core", "leader: { database: orders, lock: cores }"],
    `peers: { static: [ ${peers.map((peer) => `"${peer}"`).join(", ")} ] }`,
    `plugins: [ { file: hook.js, timeout: 1m, permissions: { net: [ "${place}" ] } } ]`,
  ].join("\n");
  const databases = `databases: [ { name: orders, host: ${server.host}, port: ${server.port} } ]\n`;
  return await RunningAgent.start({ address }, more, {
    folder,
    rest: databases,
    env: { POD_IP: "127.0.0.1", POD_NAME: `${name}-${port}` },
    timeoutMs: 120_000,
  });
}

await onEachFlavor("Two agents of cores, with plugins", [
  [
    "one leads and writes; it is killed while its plugin runs, and the other one leads, writes and tells its plugin",
    async ({ primary: server }) => {
      await using cluster = await ProxysqlCluster.start({ cores: 2, satellites: 0 });
      const [one, two] = cluster.cores;
      await using hooked = hook();
      const third = "10.9.9.9:6032";
      const peers = [one!.address, two!.address, third];
      const given = { server, peers, place: hooked.place };
      await using first = await agentOf("first", one!, given);
      const leads = ({ event, state }: { readonly event: string; readonly state?: unknown }) =>
        event === "proxysql-leader" && state === "leads";
      await first.program.event("the leader", leads, { timeoutMs: 30_000 });
      await using second = await agentOf("second", two!, given);
      await second.program.event(
        "who follows",
        ({ event, state }) => event === "proxysql-leader" && state === "follows",
        { timeoutMs: 30_000 },
      );
      const lists = (core: typeof one) => changes(core!).filter((sql) => sql.includes("10.9.9.9")).length;
      await waitFor("its write", () => Promise.resolve(lists(one) > 0), { timeoutMs: 30_000 });
      await waitFor("its plugin", () => Promise.resolve(hooked.asked.length > 0));
      assertEquals([hooked.asked, changes(two!)], [["/first"], []]);
      // Its plugin waits still: that keeps the agent from nothing.
      await first.until("live", 200);

      await first.program.stop("SIGKILL");
      const written = changes(one!).length;
      await second.program.event("the next leader", leads, { timeoutMs: 60_000 });
      await waitFor("its write", () => Promise.resolve(lists(two) > 0), { timeoutMs: 30_000 });
      await waitFor("its plugin", () => Promise.resolve(hooked.asked.length > 1));
      assertEquals([hooked.asked, changes(one!).length], [["/first", "/second"], written]);
      assert(second.states("proxysql-plugin").every((state) => state === "started"));
      // The plugin is ended with the agent, in the middle of its call.
      const { code, stderr } = await second.program.stop("SIGTERM");
      assertEquals([code, stderr], [0, ""]);
      assertEquals(second.states("proxysql-plugin"), ["started", "stopped"]);
    },
  ],
], { alone: true });
