// The agent of a ProxySQL that hangs, in each of the ways in which it can.

import { assert, assertEquals } from "@std/assert";
import { started } from "../cli/proxysql.ts";
import { RunningAgent } from "../cli/running_agent.ts";
import { ProxysqlProcess } from "../lab/proxysql/process.ts";
import type { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { waitFor } from "../lab/wait_for.ts";

Deno.test("SIGTERM ends it in time, whatever ProxySQL does", async () => {
  const states: Readonly<Record<string, (proxy: ProxysqlStandIn) => void | Promise<void>>> = {
    frozen: ({ behaviour }) => void (behaviour.frozen = true),
    deaf: ({ behaviour }) => void (behaviour.deaf = true),
    silent: ({ behaviour }) => void (behaviour.silent = true),
    slow: ({ behaviour }) => void (behaviour.slow = 250),
    gone: (proxy) => proxy.crash(),
  };
  for (const [name, misbehave] of Object.entries(states)) {
    await using proxy = await started();
    await using agent = await RunningAgent.start(proxy, "drain: { timeout: 2s }");
    await agent.until("ready", 200);
    await misbehave(proxy);
    const began = performance.now();
    const { code, stderr } = await agent.program.stop("SIGTERM");
    const took = performance.now() - began;
    assertEquals([code, stderr], [0, ""], name);
    assert(took < 25_000, `${name}: ${took}`);
    assertEquals(agent.events("stop").length, 1, name);
    if (name !== "slow") assertEquals(agent.states("proxysql-drain").at(-1), "trouble", name);
  }
});

Deno.test("a ProxySQL that hangs is told once, takes nothing of the agent, and is back within an interval", async () => {
  await using proxy = await started();
  await using agent = await RunningAgent.start(proxy);
  await agent.until("ready", 200);
  const files = () => [...Deno.readDirSync(`/proc/${agent.program.pid}/fd`)].length;
  const before = files();
  const connections = proxy.open;
  proxy.behaviour.frozen = true;
  await agent.until("live", 503);
  // So many looks, each of which is an attempt to connect.
  const seen = proxy.connections;
  await waitFor("more looks", () => Promise.resolve(proxy.connections >= seen + 4), { timeoutMs: 20_000 });
  assert(files() <= before + 1, `${before} file handles became ${files()}`);
  assert(proxy.open <= connections + 1, `${connections} connections became ${proxy.open}`);
  proxy.behaviour.frozen = false;
  const back = performance.now();
  await agent.until("ready", 200);
  assert(performance.now() - back < 3000);
  assertEquals(agent.events("proxysql-wedged").length, 1);
  assertEquals(agent.events("proxysql-connected").length, 2);
});

Deno.test("a ProxySQL whose process was stopped is back at the first look after it goes on", async () => {
  await using proxy = await ProxysqlProcess.start();
  await using agent = await RunningAgent.start(proxy, "timeout: 2s");
  await agent.until("ready", 200);
  const looks = async () => (await agent.get("/v1/status"))[1]["counts"] as { readonly looks: number };
  proxy.freeze();
  await agent.until("live", 503);
  // As many connections as minutes of looks leave in the system's queue: the stand-in has to accept all of them first.
  const [hostname = "", port] = proxy.address.split(":");
  for (let each = 0; each < 400; each++) (await Deno.connect({ hostname, port: Number(port) })).close();
  const seen = await looks();
  await waitFor("more looks", async () => (await looks()).looks >= seen.looks + 2, { timeoutMs: 20_000 });
  const stopped = await looks();
  proxy.thaw();
  await agent.until("ready", 200);
  const needed = (await looks()).looks - stopped.looks;
  assert(needed <= 1, `${needed} looks`);
  assertEquals(agent.events("proxysql-wedged").length, 1);
  assertEquals(agent.events("proxysql-connected").length, 2);
});
