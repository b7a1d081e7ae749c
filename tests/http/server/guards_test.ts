// The guards by themselves: names, JSON, rates.

import { assertEquals } from "@std/assert";
import { HostList } from "../../../src/http/server/hosts.ts";
import { bodyRefusal } from "../../../src/http/server/json_guard.ts";
import { Rate } from "../../../src/http/server/rate.ts";
import { Keeper, SESSION } from "../../../src/http/server/session.ts";
import { Secret } from "../../../src/text/secret.ts";

Deno.test("a host is known by its name, whatever its port and letters; an address only if it is the one connected to", () => {
  const hosts = new HostList({ address: { host: "0.0.0.0", port: 9180 }, hosts: ["sniper.example"] });
  const rows: readonly (readonly [header: string, local: string | undefined, known: boolean | undefined])[] =
    [
      ["localhost", undefined, true],
      ["LOCALHOST:1", undefined, true],
      ["127.0.0.1:9180", undefined, true],
      ["[::1]:9180", undefined, true],
      ["sniper.example", undefined, true],
      ["Sniper.Example:443", undefined, true],
      ["10.0.0.7:9180", "10.0.0.7", true],
      ["10.0.0.7:9180", "::ffff:10.0.0.7", true],
      ["[fd00::7]:9180", "fd00::7", true],
      ["10.0.0.8:9180", "10.0.0.7", false],
      ["0.0.0.0:9180", "127.0.0.1", false],
      ["10.0.0.7", undefined, false],
      ["sniper.example.", undefined, false],
      ["x.sniper.example", undefined, false],
      ["", undefined, undefined],
      [":9180", undefined, undefined],
      ["a b", undefined, undefined],
      ["a:port", undefined, undefined],
      ["a:1:2", undefined, undefined],
      ["::1", undefined, undefined],
      ["[::1", undefined, undefined],
      ["sniper.example\u0000", undefined, undefined],
    ];
  for (const [header, local, known] of rows) assertEquals(hosts.has(header, local), known, header);
});

Deno.test("JSON may be as deep as it may be, and brackets in texts do not count", () => {
  const rows: readonly (readonly [text: string, error: string | undefined])[] = [
    ["", undefined],
    ["null", undefined],
    ['{"a":[{"b":1}]}', undefined],
    ['{"a":[{"b":[]}]}', "The JSON is nested too deeply"],
    ['{"a":"[[[[[[{{{{"}', undefined],
    [String.raw`{"a":"\"[[[[\\"}`, undefined],
    [String.raw`{"a":"\\","b":[[[]]]}`, "The JSON is nested too deeply"],
    ["[[[[", "The JSON is nested too deeply"],
    ["]]]]", "The body is not JSON"],
    ['"', "The body is not JSON"],
  ];
  for (const [text, error] of rows) {
    assertEquals(bodyRefusal(new TextEncoder().encode(text), { depth: 3 })?.error, error, text);
  }
});

Deno.test("a rate lets through twice as many at once, then as many a second, and no more for a clock that goes back", () => {
  const rate = new Rate(10, 1_000);
  const taken = (now: number) => Array.from({ length: 50 }, () => rate.take(now)).filter(Boolean).length;
  assertEquals([taken(1_000), taken(1_100), taken(1_600), taken(500), taken(500), taken(99_999)], [
    ...[20, 1, 5],
    ...[0, 0],
    20,
  ]);
});

Deno.test("a session is of one token and one time, and is not the token", () => {
  const keeper = new Keeper(new Secret("0123456789abcdef"));
  const session = keeper.session(1_000_000, "id");
  assertEquals(session.includes("0123456789abcdef"), false);
  assertEquals([keeper.isToken("0123456789abcdef"), keeper.isToken("0123456789abcdeF"), keeper.isToken("")], [
    ...[true, false, false],
  ]);
  assertEquals(
    [1_000_000, 1_000_000 + SESSION - 1, 1_000_000 + SESSION, -1e15, NaN].map((now) =>
      keeper.isSession(session, now)
    ),
    [true, true, false, false, false],
  );
  assertEquals(new Keeper(new Secret("0123456789abcdeg")).isSession(session, 1_000_000), false);
  assertEquals(keeper.session(1_000_000, "other") === session, false);
  // With several tokens a login ends with any of them: nobody knows by which one somebody came.
  const [first, second, third] = ["0123456789abcdef", "fedcba9876543210", "aaaaaaaaaaaaaaaa"].map((text) =>
    new Secret(text)
  ) as [Secret, Secret, Secret];
  const both = new Keeper(first, [second]).session(1_000_000, "id");
  const isGood = (others: readonly Secret[]) => new Keeper(first, others).isSession(both, 1_000_000);
  assertEquals([isGood([second]), isGood([]), isGood([third]), isGood([second, third])], [
    ...[true, false, false, false],
  ]);
});
