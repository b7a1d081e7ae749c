import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { readDestroyed, readServerState } from "../../../src/shards/provision/answer.ts";
import { ProvisionError } from "../../../src/shards/provision/mod.ts";
import { refused } from "./refused.ts";

Deno.test("each answer of a provisioner is read as it is meant", () => {
  const rows: readonly (readonly [answer: unknown, meant: unknown])[] = [
    [{ state: "ready", host: "10.0.0.7", port: 3306 }, { state: "ready", host: "10.0.0.7", port: 3306 }],
    [{ state: "ready", name: "s4", host: "DB-7.example", port: 1 }, {
      state: "ready",
      host: "db-7.example",
      port: 1,
    }],
    [{ state: "ready", host: "fd00::7", port: 65535 }, { state: "ready", host: "fd00::7", port: 65535 }],
    [{ state: "pending" }, { state: "pending" }],
    [{ state: "pending", retry_after: 2.5 }, { state: "pending", retryAfter: 2500 }],
    [{ state: "failed", reason: "no quota" }, { state: "failed", reason: "no quota" }],
  ];
  for (const [answer, meant] of rows) assertEquals(readServerState(JSON.stringify(answer), "s4"), meant);
  assertEquals(readDestroyed('{"state":"destroyed"}', "s4"), "done");
  assertEquals(readDestroyed('{"state":"pending","name":"s4"}', "s4"), "pending");
});

Deno.test("an answer that is not exactly one of these is refused, with what is wrong", async () => {
  const ready = { state: "ready", host: "db7", port: 3306 };
  const rows: readonly (readonly [answer: unknown, problem: string])[] = [
    ["ready", "it is no object"],
    [[ready], "it is no object"],
    [null, "it is no object"],
    [{ host: "db7", port: 3306 }, '"state" is none of "ready", "pending", "failed"'],
    [{ state: "destroyed" }, '"state" is none of "ready", "pending", "failed"'],
    [{ ...ready, port: "3306" }, '"port" is no number from 1 to 65535'],
    [{ ...ready, port: 0 }, '"port" is no number from 1 to 65535'],
    [{ ...ready, port: 33.5 }, '"port" is no number from 1 to 65535'],
    [{ ...ready, host: "" }, '"host" is no host name and no IP address'],
    [{ ...ready, host: "db 7" }, '"host" is no host name and no IP address'],
    [{ ...ready, host: "10.0.0.256" }, '"host" is no host name and no IP address'],
    [{ ...ready, host: "db7/../x" }, '"host" is no host name and no IP address'],
    [{ ...ready, host: "::g" }, '"host" is no host name and no IP address'],
    [{ ...ready, name: "s5" }, "it is about a server of another name"],
    [{ ...ready, passwrd: "x" }, 'it has an unknown key: "passwrd"'],
    [{ state: "pending", host: "db7" }, 'it has an unknown key: "host"'],
    [{ state: "pending", retry_after: -1 }, '"retry_after" is no number of seconds, 3600 at most'],
    [{ state: "failed" }, '"reason" is no text'],
  ];
  for (const [answer, problem] of rows) {
    const error = await refused(() => readServerState(JSON.stringify(answer), "s4"));
    assertEquals(error.message, `its answer is not understood: ${problem}`, JSON.stringify(answer));
    assertEquals(error.isFinal, true);
  }
  await refused(() => readDestroyed('{"state":"ready","host":"db7","port":1}', "s4"));
  const failed = await refused(() => readDestroyed('{"state":"failed","reason":"in use"}', "s4"));
  assertEquals([failed.message, failed.isFinal], ["it was not given back: in use", false]);
});

Deno.test("whatever a provisioner sends, it is read or refused", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
    try {
      readServerState(text, "s4");
    } catch (error) {
      if (!(error instanceof ProvisionError)) throw error;
    }
  }));
});
