import { assertEquals } from "@std/assert";
import { decide, gates, isShielded, NO_MEMORY } from "../../src/policy/mod.ts";
import { policy, rules, session } from "./fixture.ts";

/** Whether a session of `app` is out of reach where that account has been created for a host. */
function reaches(pattern: string, host: string): boolean {
  return isShielded({ shielded: [{ user: "app", host: pattern }] }, session({ host }));
}

Deno.test("isShielded() by user and host, by the wildcards of an account's host", () => {
  assertEquals(reaches("10.0.0.5", "10.0.0.5"), true);
  assertEquals(reaches("10.0.0.5", "10.0.0.50"), false);
  assertEquals(reaches("10.0.0.5", "110.0.0.5"), false);
  assertEquals(reaches("10.0.0.5", "10x0x0x5"), false, "a dot is a dot");
  assertEquals(reaches("%", "10.0.0.5"), true);
  assertEquals(reaches("10.0.%", "10.0.7.5"), true);
  assertEquals(reaches("10.0.%", "10.1.7.5"), false);
  assertEquals(reaches("%.example.com", "db.EXAMPLE.com"), true);
  assertEquals(reaches("%.example.com", "example.com"), false);
  assertEquals(reaches("%.EXAMPLE.%", "db.example.org"), true);
  assertEquals(reaches("10.0.0._", "10.0.0.5"), true);
  assertEquals(reaches("10.0.0._", "10.0.0.55"), false);
  assertEquals(reaches("1_._.0._", "10.0.0.5"), true, "each of them is one character");
});

Deno.test("isShielded() takes a netmask for a match, and the names of this very host for one", () => {
  assertEquals(reaches("10.0.0.0/255.255.255.0", "10.9.9.9"), true);
  const local = ["localhost", "127.0.0.1", "::1"];
  for (const one of local) {
    for (const other of local) assertEquals(reaches(one, other), true, `${one} ${other}`);
  }
  assertEquals(reaches("localhost", "10.0.0.5"), false);
  assertEquals(reaches("10.0.0.5", "localhost"), false);
});

Deno.test("isShielded() says no of another user, of a host that is not known, and where nothing is known", () => {
  const shielded = [{ user: "app", host: "%" }];
  assertEquals(isShielded({ shielded }, session()), true);
  assertEquals(isShielded({ shielded }, session({ user: "web" })), false);
  assertEquals(isShielded({ shielded }, session({ host: { unknown: "not shown" } })), false);
  assertEquals(isShielded({}, session()), false);
  assertEquals(isShielded({ shielded: [{ user: "web", host: "%" }, ...shielded] }, session()), true);
});

Deno.test("a dry run says what the server would refuse, and takes nothing of the budget for it", () => {
  const decided = (mode: "dry-run" | "enforce", shielded = [{ user: "app", host: "%" }]) => {
    const asked = rules([policy()], { mode });
    const snapshot = {
      at: 0,
      health: {},
      sessions: [session()],
      counts: { running: 1, connections: 1 },
      server: { server: "one", started: 1 },
      own: { user: "sniper", program: "query-sniper" },
      shielded,
    };
    const { decisions, memory } = decide(
      snapshot,
      gates(snapshot, asked, NO_MEMORY, { now: 0, wall: 0 }),
      asked,
      NO_MEMORY,
      0,
    );
    const [decision] = decisions;
    return [
      decision?.verdict,
      decision !== undefined && "note" in decision && decision.note,
      memory.spent.length,
    ];
  };
  const note = "the server would refuse that: the account has SYSTEM_USER";
  assertEquals(decided("dry-run"), ["would-kill", note, 0]);
  assertEquals(decided("dry-run", []), ["would-kill", false, 1]);
  assertEquals(decided("enforce"), ["act", false, 1], "what is known may be wrong: the server decides");
});
