import { assertEquals } from "@std/assert";
import type { Clock } from "../../../src/clock.ts";
import {
  type Provisioner,
  ProvisionError,
  type ServerState,
  waitForServer,
} from "../../../src/shards/provision/mod.ts";
import { refused } from "./refused.ts";

const REQUEST = { name: "shard-4", schema: "shop", reason: "rows > 100k" };

/** A clock that goes on only while somebody waits. */
function clockFrom(wall: number): Clock & { readonly waits: number[] } {
  const waits: number[] = [];
  let now = wall;
  return {
    waits,
    now: () => now,
    wall: () => now,
    sleep(milliseconds) {
      waits.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    },
  };
}

function answering(
  ...answers: readonly (ServerState | ProvisionError)[]
): Provisioner & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    kind: "http",
    asked,
    ask({ name }) {
      const answer = answers[Math.min(asked.push(name), answers.length) - 1]!;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    destroy: () => Promise.resolve("done"),
  };
}

function patience(clock: Clock, until = 60_000) {
  const told: string[] = [];
  const { signal } = new AbortController();
  return { told, options: { clock, until, signal, tell: (problem: string) => void told.push(problem) } };
}

Deno.test("a server is asked for again until it is ready, with the same name and longer pauses", async () => {
  const clock = clockFrom(0);
  const busy = new ProvisionError("it answered with 503");
  const provisioner = answering({ state: "pending" }, busy, busy, { state: "pending", retryAfter: 9000 }, {
    ...{ state: "ready", host: "db7", port: 3306 } as const,
  });
  const { told, options } = patience(clock);
  assertEquals(await waitForServer(provisioner, REQUEST, options), { host: "db7", port: 3306 });
  assertEquals(provisioner.asked, Array(5).fill("shard-4"));
  assertEquals(clock.waits, [1000, 2000, 4000, 9000]);
  assertEquals(told, ["it answered with 503"]);
});

Deno.test("what is final ends it at once, and the deadline ends it whoever began to wait", async () => {
  const failed = answering({ state: "failed", reason: "no quota" });
  const error = await refused(() => waitForServer(failed, REQUEST, patience(clockFrom(0)).options));
  assertEquals([error.message, error.isFinal, failed.asked.length], ["it failed: no quota", true, 1]);
  const denied = answering(new ProvisionError("it answered with 401", { isFinal: true }));
  await refused(() => waitForServer(denied, REQUEST, patience(clockFrom(0)).options));
  assertEquals(denied.asked.length, 1);
  const slow = answering({ state: "pending" });
  const late = clockFrom(58_500);
  const { message } = await refused(() => waitForServer(slow, REQUEST, patience(late).options));
  assertEquals([message, late.waits], ["it did not come in time: it is not ready", [1000, 500]]);
});
