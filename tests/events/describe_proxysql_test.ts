import { assertEquals } from "@std/assert";
import { describeProxysql } from "../../src/events/describe_proxysql.ts";
import type { ProxysqlEvent } from "../../src/events/mod.ts";

const proxysql = "127.0.0.1:6032";

Deno.test("an event of a ProxySQL is told in words, with its reason where it has one", () => {
  const told: readonly (readonly [ProxysqlEvent, string])[] = [
    [{ event: "proxysql-connected", proxysql, version: "2.7.2" }, "ProxySQL 2.7.2 answers"],
    [{ event: "proxysql-unreachable", proxysql, reason: "refused" }, "refused"],
    [{ event: "proxysql-unreachable", proxysql, reason: "refused", advice: "start it" }, "refused: start it"],
    [
      { event: "proxysql-account", proxysql, reason: "it may read only: drain", advice: "name another" },
      "it may read only: drain: name another",
    ],
    [{ event: "proxysql-wedged", proxysql, reason: "3s" }, "it does not answer in time: 3s"],
    [{ event: "proxysql-leader", proxysql, state: "leads" }, "this agent leads"],
    [
      { event: "proxysql-leader", proxysql, state: "follows", holder: "core-1" },
      "another agent leads: core-1",
    ],
    [
      { event: "proxysql-leader", proxysql, state: "unknown", reason: "timeout" },
      "who leads is not known: timeout",
    ],
    [{ event: "proxysql-peer", proxysql, state: "joined", peer: "10.0.0.2:6032" }, "10.0.0.2:6032 joined"],
    [
      { event: "proxysql-peer", proxysql, state: "kept", peer: "a:1", reason: "half would leave" },
      "a:1 stays listed: half would leave",
    ],
    [
      { event: "proxysql-resync", proxysql, state: "done", reason: "a:1 is silent", peers: 1 },
      "the list of cores from its file, done: a:1 is silent, 1 core listed",
    ],
    [
      { event: "proxysql-stamp", proxysql, state: "done", parts: ["mysql users", "mysql servers"] },
      "stamp of mysql users, mysql servers: done",
    ],
    [
      { event: "proxysql-unstamped", proxysql, reason: "all are at version 1", advice: "stamp" },
      "all are at version 1: stamp",
    ],
    [
      { event: "proxysql-conflict", proxysql, parts: ["mysql users"], reason: "they differ", advice: "look" },
      "they differ: look",
    ],
    [{ event: "proxysql-drain", proxysql, state: "left", sessions: 2 }, "drain: left, 2 sessions"],
    [
      { event: "proxysql-dump", proxysql, state: "written", file: "a.jsonl.gz", rows: 1 },
      'dump of digests to "a.jsonl.gz": written, 1 row',
    ],
    [
      { event: "proxysql-dump", proxysql, state: "failed", reason: "no space" },
      "dump of digests: failed: no space",
    ],
    [
      { event: "proxysql-purge", proxysql, state: "done", reason: "9 bytes" },
      "its digests were emptied: 9 bytes",
    ],
    [
      { event: "proxysql-purge", proxysql, state: "refused", reason: "others do" },
      "its digests are not emptied: others do",
    ],
    [
      {
        event: "proxysql-backend",
        proxysql,
        backend: "db:3306",
        hostgroup: 1,
        status: "SHUNNED",
        before: "ONLINE",
      },
      "db:3306 of hostgroup 1 is SHUNNED, and was ONLINE",
    ],
    [
      { event: "proxysql-backend", proxysql, backend: "db:3306", hostgroup: 1, status: "ONLINE" },
      "db:3306 of hostgroup 1 is ONLINE",
    ],
    [
      { event: "proxysql-plugin", proxysql, plugin: "a.js", state: "failed", reason: "too slow" },
      'plugin "a.js": failed: too slow',
    ],
  ];
  for (const [event, words] of told) assertEquals(describeProxysql(event), `${proxysql}: ${words}`);
});
