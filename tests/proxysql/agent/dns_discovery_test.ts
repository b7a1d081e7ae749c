import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../../src/clock.ts";
import type { Discovered } from "../../../src/proxysql/agent/discovery.ts";
import {
  DnsDiscovery,
  dnsResolver,
  type Family,
} from "../../../src/proxysql/agent/discovery/dns_discovery.ts";
import { discoveryOf } from "../../../src/proxysql/agent/discovery_of.ts";
import { VirtualTime } from "../../lab/kubernetes/mod.ts";
import { NameServer } from "./name_server.ts";

const NAME = "core.proxysql.svc.cluster.local";

/** What is found with these records, one reading after the other. An error is one of the network. */
async function readings(...answers: readonly Partial<Record<Family, readonly string[] | Error>>[]) {
  const found: Discovered[] = [];
  let now = answers[0]!;
  const discovery = new DnsDiscovery({
    name: NAME,
    port: 6032,
    clock: new VirtualTime(),
    resolve(_name, family) {
      const answer = now[family] ?? [];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  for (now of answers) found.push(await discovery.read());
  return found.map((read) =>
    read.state === "known" ? read.peers.map(({ host }) => host).join(" ") : read.reason
  );
}

const NONE = `DNS knows no addresses of "${NAME}"`;
const STRANGE = `DNS answers "${NAME}" with what are no addresses of cores`;

Deno.test("cores are the addresses of a name, once each, IPv4 before IPv6", async () => {
  assertEquals(await readings({ A: ["10.0.0.2", "10.0.0.1", "10.0.0.2"], AAAA: ["fd00::1"] }), [
    "10.0.0.1 10.0.0.2",
  ]);
  assertEquals(await readings({ AAAA: ["fd00::2", "fd00::1"] }), ["fd00::1 fd00::2"]);
});

Deno.test("no address, no answer, and what is no address are unknown", async () => {
  const lost = new Error("timed out");
  assertEquals(await readings({}), [NONE]);
  assertEquals(await readings({ A: lost }), [
    `DNS has no addresses for "${NAME}": it does not answer as it should`,
  ]);
  assertEquals(await readings({ A: ["10.0.0.1'"] }, { A: ["0.0.0.0"] }, { AAAA: ["::"] }), [
    STRANGE,
    STRANGE,
    STRANGE,
  ]);
  assertEquals(
    await readings({ A: Array.from({ length: 1001 }, (_, at) => `10.0.${at >> 8}.${at & 255}`) }),
    [
      STRANGE,
    ],
  );
});

Deno.test("a kind of address that is missing for once is not taken for cores that have the other one", async () => {
  const both = { A: ["10.0.0.1"], AAAA: ["fd00::1"] };
  assertEquals(await readings(both, { AAAA: ["fd00::1"] }, both), ["10.0.0.1", NONE, "10.0.0.1"]);
});

Deno.test("a name server that says nothing is not waited for longer than 4 s", async () => {
  const time = new VirtualTime();
  const discovery = new DnsDiscovery({
    name: NAME,
    port: 6032,
    clock: time,
    resolve: () => new Promise(() => {}),
  });
  const reading = discovery.read();
  await time.run(4000);
  assertEquals(await reading, {
    state: "unknown",
    reason: `DNS has no addresses for "${NAME}": it did not answer in time`,
  });
  assertEquals(time.waiting, 0);
});

Deno.test("a real question to a name server, which knows, does not know, fails, or says nothing", async () => {
  await using server = await NameServer.start();
  server.names.set(NAME, ["10.0.0.1", "10.0.0.2"]);
  server.names.set("failing.x", { code: 2 });
  server.names.set("refused.x", { code: 5 });
  server.names.set("empty.x", []);
  server.names.set("silent.x", "silent");
  const resolve = dnsResolver(server.address);
  const read = (name: string) => new DnsDiscovery({ name, port: 16032, clock: systemClock, resolve }).read();
  assertEquals(await read(NAME), {
    state: "known",
    peers: [{ host: "10.0.0.1", port: 16032 }, { host: "10.0.0.2", port: 16032 }],
  });
  for (const name of ["failing.x", "refused.x", "empty.x", "missing.x"]) {
    assertEquals(await read(name), { state: "unknown", reason: `DNS knows no addresses of "${name}"` });
  }
  const ending = new AbortController();
  const silent = resolve("silent.x", "A", ending.signal).then(() => "answered", () => "given up");
  ending.abort();
  assertEquals(await silent, "given up");
});

Deno.test("cores that are listed are known, and are those that are listed", async () => {
  const peers = [{ host: "10.0.0.1", port: 6032 }, { host: "core-1", port: 6033 }];
  await using discovery = discoveryOf({ kind: "static", peers }, { clock: systemClock });
  assertEquals(await discovery.read(), { state: "known", peers });
  assert((await discovery.read()).state === "known");
});
