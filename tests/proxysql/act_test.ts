import { assertEquals, assertRejects } from "@std/assert";
import { AdminError, type AdminErrorKind, carryOut } from "../../src/proxysql/mod.ts";
import { pause } from "../../src/proxysql/pause.ts";
import { recordOf } from "./fixture.ts";

const ACT = {
  act: "drain" as const,
  statements: ["KILL CONNECTION 1", "KILL CONNECTION 2", "KILL CONNECTION 3"],
};

/** What is written down where so many statements were done before an error. */
async function outcomeAfter(done: number, error: Error): Promise<unknown> {
  const { acts, intend } = recordOf();
  await assertRejects(() =>
    carryOut(intend, ACT, (did) => {
      for (let i = 0; i < done; i++) did();
      return Promise.reject(error);
    })
  );
  return acts.at(-1);
}

Deno.test("what was not answered may be done, and so is written down as that", async () => {
  const of = (kind: AdminErrorKind) => new AdminError(kind, "why");
  for (const kind of ["wedged", "lost"] as const) {
    assertEquals(await outcomeAfter(0, of(kind)), "unconfirmed: why");
    assertEquals(await outcomeAfter(2, of(kind)), "unconfirmed: 2 of 3 statements were done, then: why");
  }
  for (const kind of ["unreachable", "busy", "read-only", "statement", "paused"] as const) {
    assertEquals(await outcomeAfter(0, of(kind)), "failed: why");
    assertEquals(await outcomeAfter(1, of(kind)), "partly: 1 of 3 statements were done, then: why");
  }
  assertEquals(await outcomeAfter(0, new TypeError("why")), "failed: why");
});

Deno.test("a pause that was answered is not written down as failed where nobody can tell what became of it", async () => {
  const down = new AdminError("unreachable", "it is down");
  const refusal = new AdminError("statement", "not now");
  for (const [answer, written] of [[undefined, "unconfirmed"], [refusal, "failed"]] as const) {
    const { acts, intend } = recordOf();
    const admin = {
      runAlone: () => answer === undefined ? Promise.resolve() : Promise.reject(answer),
      rows: () => Promise.reject(down),
    };
    await assertRejects(() =>
      pause(admin as unknown as Parameters<typeof pause>[0], { wanted: true, intend })
    );
    assertEquals(acts.at(-1), `${written}: it is down`);
  }
});
