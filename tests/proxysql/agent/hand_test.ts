import { assertEquals, assertRejects } from "@std/assert";
import { type Admin, AdminError } from "../../../src/proxysql/mod.ts";
import { Hand, Stop } from "../../../src/proxysql/agent/hand.ts";
import { STATEMENTS } from "../../../src/proxysql/statement.ts";
import { recordOf } from "../fixture.ts";
import { TestClock } from "./fixture.ts";

Deno.test("each act is written down before anything is sent, and with what became of it, also of a mistake", async () => {
  const { acts, intend } = recordOf();
  const sent: string[] = [];
  const admin = {
    mayWrite: true,
    run(statement: string, before: () => void) {
      before();
      // The probe shows that it may write, and changes nothing.
      const isProbe = statement.includes("hostname = ''");
      if (!isProbe) sent.push(statement);
      if (!isProbe && sent.length > 1) return Promise.reject(new AdminError("lost", "it is lost"));
      return Promise.resolve({ affectedRows: 1, info: "" });
    },
  } as unknown as Admin;
  const hand = new Hand({ admin, clock: new TestClock(), intend, leaderOnly: false });
  const statements = [STATEMENTS.runPeers()];
  const send = async (work: () => Promise<string>) => await hand.do({ what: "peers", statements }, work);
  await hand.do({ what: "stamp", statements }, async (send) => {
    assertEquals(acts.length, 1);
    await send(STATEMENTS.runPeers());
    return "it was told to";
  });
  await hand.do({ what: "resync", statements }, async (send) => {
    await send(STATEMENTS.runPeers());
    return "never";
  });
  await send(() => Promise.reject(new Stop("its file lists no core", { untouched: true })));
  await assertRejects(() => send(() => Promise.reject(new TypeError("no statement"))), TypeError);
  const intent = (act: string) => ({ act, statements });
  assertEquals<unknown[]>(acts, [
    ...[intent("stamp"), "done: it was told to", intent("resync"), "unconfirmed: it is lost"],
    ...[intent("membership"), "failed: its file lists no core", intent("membership"), "failed: no statement"],
  ]);
  assertEquals(hand.acts.map(({ outcome }) => outcome), ["refused", "failed", "done"]);
});

Deno.test("in a dry run nothing is sent, not even what tries whether it could be", async () => {
  const { acts, intend } = recordOf();
  const told: unknown[] = [];
  let leads = true;
  const admin = {
    mayWrite: true,
    run: () => Promise.reject(new TypeError("it was sent")),
  } as unknown as Admin;
  const hand = new Hand({
    ...{ admin, clock: new TestClock(), intend, leaderOnly: true },
    leader: { leads: () => leads } as NonNullable<ConstructorParameters<typeof Hand>[0]["leader"]>,
    rehearse: (act) => void told.push(act),
  });
  const act = { what: "peers" as const, statements: [STATEMENTS.runPeers()] };
  const work = () => Promise.reject(new TypeError("it was begun"));
  assertEquals((await hand.do(act, work)).outcome, "dry-run");
  leads = false;
  assertEquals((await hand.do(act, work)).reason, "this agent does not lead");
  assertEquals<unknown>([told, acts], [[{ act: "membership", statements: act.statements }], []]);
});
