import { assertEquals } from "@std/assert";
import { systemClock } from "../../../src/clock.ts";
import { Hosts, placeIn } from "../../../src/mysql/proxied/same_host.ts";

const NAMES: Readonly<Record<string, readonly string[]>> = {
  "db1": ["10.0.0.1"],
  "db1.example": ["10.0.0.1", "fd00::1"],
  "db2": ["10.0.0.2"],
};

Deno.test("hosts are the same by their letters, on the loopback interface, or by an address of both", async () => {
  const asked: string[] = [];
  const clock = { ...systemClock, time: 0, now: () => clock.time };
  const hosts = new Hosts(clock, (name) => {
    asked.push(name);
    const found = NAMES[name];
    return found === undefined ? Promise.reject(new Error("no such host")) : Promise.resolve(found);
  });
  const same = (a: string, b: string) => [hosts.areSame(a, b), hosts.areSame(b, a)];
  assertEquals(same("db1", "10.0.0.1"), [false, false], "nothing was looked up");
  await hosts.learn(["db1", "DB1.example", "db2", "nowhere", "10.0.0.1", "localhost", ""]);
  assertEquals(asked, ["db1", "db1.example", "db2", "nowhere"]);
  for (
    const [a, b] of [
      ["db1", "10.0.0.1"],
      ["db1", "db1.example"],
      ["DB1", "db1"],
      ["localhost", "127.0.0.1"],
      ["::1", "127.0.0.1"],
      ["::ffff:10.0.0.1", "10.0.0.1"],
      ["[fd00::1]", "db1.example"],
      ["nowhere", "nowhere"],
    ] as const
  ) assertEquals(same(a, b), [true, true], `${a} ${b}`);
  for (
    const [a, b] of [
      ["db1", "db2"],
      ["db1", "10.0.0.2"],
      ["localhost", "db1"],
      ["127.0.0.1", "10.0.0.1"],
      ["nowhere", "elsewhere"],
      ["", ""],
    ] as const
  ) assertEquals(same(a, b), [false, false], `${a} ${b}`);
  clock.time = 59_000;
  await hosts.learn(["db1"]);
  assertEquals(asked.length, 4);
  clock.time = 60_000;
  await hosts.learn(["db1"]);
  assertEquals(asked.length, 5);
});

Deno.test("a place is a host and a port", () => {
  assertEquals(placeIn("10.0.0.1:3306"), { host: "10.0.0.1", port: 3306 });
  assertEquals(placeIn("[fd00::1]:3306"), { host: "fd00::1", port: 3306 });
  assertEquals([placeIn("localhost"), placeIn("db1:"), placeIn("")], [undefined, undefined, undefined]);
});
