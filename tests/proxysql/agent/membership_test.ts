import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  Absences,
  CONFIRMATIONS,
  listAfter,
  membershipOf,
  type MembershipQuestion,
  statementsFor,
} from "../../../src/proxysql/agent/membership.ts";
import { keyOf, type PeerRow } from "../../../src/proxysql/agent/peer.ts";
import { ProxyState } from "../../lab/proxysql/proxy_state.ts";
import { LocalAdmin } from "./fixture.ts";

const OWN = "10.0.0.1";
const host = fc.integer({ min: 1, max: 7 }).map((number) => `10.0.0.${number}`);
const row: fc.Arbitrary<PeerRow> = fc.record({
  ...{ host, port: fc.constantFrom(6032, 6033), weight: fc.nat(3) },
  comment: fc.constantFrom("", "core-0", "it's", "a; b"),
});
const rows = fc.uniqueArray(row, { maxLength: 9, selector: keyOf });
const usable = fc.record({
  host,
  port: fc.constantFrom(6032, 6033),
  comment: fc.constantFrom("", "x", "a;b"),
});
const unusable = fc.constantFrom({ host: "a b", port: 1 }, { host: "10.0.0.9", port: 0 }, {
  host: "xn--a",
  port: 1,
});
const desired = fc.uniqueArray(fc.oneof({ weight: 9, arbitrary: usable }, unusable), {
  ...{ maxLength: 9, selector: keyOf },
});

const question = fc.record({
  ...{ current: rows, desired, unsure: fc.boolean(), isKnown: fc.boolean() },
  counts: fc.array(fc.nat(3), { minLength: 9, maxLength: 9 }),
  silent: fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
}).map(({ isKnown, counts, silent, ...rest }): MembershipQuestion & { readonly isKnown: boolean } => ({
  ...{ ...rest, isKnown },
  absences: new Map(rest.current.map((peer, at) => [keyOf(peer), counts[at]!])),
  answers: (key) => silent[rest.current.findIndex((peer) => keyOf(peer) === key)] !== true,
  isOwn: (peer) => isKnown && peer.host === OWN && peer.port === 6032,
}));

Deno.test("nobody is removed who may stay: property", () => {
  fc.assert(
    fc.property(question, (asked) => {
      const { current, desired, absences, isOwn, unsure } = asked;
      const { put, drop, kept } = membershipOf(asked);
      const wanted = new Set(desired.map(keyOf));
      assert(drop.length <= Math.floor(current.length / 2));
      const isOwnKnown = [...current, ...desired].some(isOwn);
      for (const peer of drop) {
        assert(!isOwn(peer) && !wanted.has(keyOf(peer)));
        assert(absences.get(keyOf(peer))! >= CONFIRMATIONS);
        assert(isOwnKnown && desired.length > 0);
      }
      const confirmed = current.filter((peer) =>
        !wanted.has(keyOf(peer)) && !isOwn(peer) && absences.get(keyOf(peer))! >= CONFIRMATIONS
      );
      if (unsure && confirmed.length > current.length / 2) assertEquals(drop, []);
      for (const peer of put) assert(wanted.has(keyOf(peer)));
      for (const { peer } of kept) assert(!drop.includes(peer) && !wanted.has(keyOf(peer)));
      const after = listAfter(current, { put, drop });
      if (current.length > 0) assert(after.length > 0);
      assertEquals(new Set(after.map(keyOf)).size, after.length);
      const own = current.find(isOwn);
      assertEquals(own !== undefined, own !== undefined && after.some(isOwn));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("repeated, it ends with all who are there, and this ProxySQL itself: property", () => {
  fc.assert(
    fc.property(rows, desired, (start, desired) => {
      const isOwn: MembershipQuestion["isOwn"] = ({ host }) => host === OWN;
      let current: readonly PeerRow[] = start;
      const absences = new Absences();
      let looks = 0;
      for (let idle = 0; idle < CONFIRMATIONS; looks++) {
        assert(looks < 30);
        absences.note(current, desired);
        const asked = {
          current,
          desired,
          isOwn,
          unsure: false,
          answers: () => true,
          absences: absences.counts,
        };
        const { put, drop } = membershipOf(asked);
        idle = put.length + drop.length === 0 ? idle + 1 : 0;
        if (drop.length > 0) absences.clear();
        current = listAfter(current, { put, drop });
      }
      const there = desired.filter((peer) =>
        membershipOf({
          ...{ current: [], desired: [peer], isOwn, unsure: false, answers: () => true, absences: new Map() },
        }).put.length > 0
      ).map(keyOf);
      const isOwnKnown = [...start, ...desired].some(isOwn) && there.length > 0;
      const own = start.filter(isOwn).map(keyOf);
      const expected = new Set(isOwnKnown ? [...there, ...own] : [...there, ...start.map(keyOf)]);
      assertEquals(new Set(current.map(keyOf)), expected);
    }),
    { numRuns: 500 },
  );
});

Deno.test("the statements make the list the wanted one, and sent again they change nothing: property", async () => {
  await fc.assert(
    fc.asyncProperty(rows, rows, async (edited, wanted) => {
      const proxy = new ProxyState();
      const admin = new LocalAdmin(proxy);
      for (const { host, ...rest } of edited) proxy.add("proxysql_servers", { hostname: host, ...rest });
      // A comment that cannot be sent is never wanted.
      const target = wanted.map((peer) => ({ ...peer, comment: peer.comment.replace(";", "") }));
      const list = (table: string) =>
        proxy.tables.prepare(`SELECT hostname AS host, port, weight, comment FROM ${table}`).all()
          .map((peer) => ({ ...peer }) as unknown as PeerRow).toSorted((a, b) =>
            keyOf(a) < keyOf(b) ? -1 : 1
          );
      const expected = target.toSorted((a, b) => keyOf(a) < keyOf(b) ? -1 : 1);
      const statements = statementsFor(edited, target);
      for (let time = 0; time < 2; time++) {
        for (const statement of statements) await admin.run(statement);
        assertEquals(list("proxysql_servers"), expected);
        assertEquals(list("runtime_proxysql_servers"), expected);
      }
      assertEquals(statementsFor(list("proxysql_servers"), target).length, 1);
      proxy.tables.close();
    }),
    { numRuns: 60 },
  );
});

Deno.test("who leaves first does not answer, and a peer that cannot be listed is named", () => {
  const peer = (number: number): PeerRow => ({
    host: `10.0.0.${number}`,
    port: 6032,
    weight: 0,
    comment: "",
  });
  const current = [1, 2, 3, 4].map(peer);
  const asked: MembershipQuestion = {
    ...{ current, desired: [peer(1), { host: "a b", port: 6032 }], unsure: false },
    absences: new Map(current.map((each) => [keyOf(each), 2])),
    isOwn: ({ host }) => host === OWN,
    answers: (key) => !["10.0.0.3:6032", "10.0.0.4:6032"].includes(key),
  };
  const { drop, kept, unusable } = membershipOf(asked);
  assertEquals(drop.map(({ host }) => host), ["10.0.0.3", "10.0.0.4"]);
  assertEquals(kept.map(({ peer, reason }) => [peer.host, reason]), [
    ["10.0.0.2", "more than half would leave: half of them at once, once that is confirmed"],
  ]);
  assertEquals(unusable, ["a b 6032 cannot be listed: this is no host with a port"]);
});
