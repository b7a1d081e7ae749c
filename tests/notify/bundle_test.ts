import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Bundle } from "../../src/notify/bundle.ts";
import { bundleOf, gate, killed, noticesOf } from "./fixture.ts";

Deno.test("a bundle counts all, however much there is, and does not grow without end", () => {
  const bundle = new Bundle();
  for (let index = 0; index < 5000; index++) {
    const statement = { digest: `v2:${index}`, digest_text: "x", tables: [], tags: {} };
    for (const notice of noticesOf(killed({ database: `db${index % 2500}`, statement }))) bundle.add(notice);
  }
  bundle.miss(7);
  assertEquals([bundle.total, bundle.missed, [...bundle.words]], [5007, 7, [["killed", 5000]]]);
  assert(JSON.stringify(bundle.tallies.map(({ queries }) => [...queries])).length < 100_000);
  assertEquals(bundle.tallies.length, 500);
});

Deno.test("a bundle knows of each subject what it came to", () => {
  const [tally] = bundleOf(gate("open"), killed(), killed({ outcome: "gone" }), gate("closed")).tallies;
  assertEquals([tally!.standing, tally!.began, tally!.level, tally!.count], ["over", true, "warning", 4]);
  assertEquals([...tally!.words.keys()], ["gate open", "killed", "gone", "gate closed"]);
  assertEquals(tally!.last - tally!.first, 3000);
  assertEquals(bundleOf(gate("open"), killed()).tallies[0]!.standing, "open");
  assertEquals(bundleOf(gate("closed")).tallies[0]!.began, false);
});

Deno.test("bundles that are put together lose no count", () => {
  const names = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 30 });
  fc.assert(fc.property(names, names, fc.nat(9), (first, second, missed) => {
    const [one, two] = [first, second].map((all) => bundleOf(...all.map((database) => killed({ database }))));
    two!.miss(missed);
    one!.append(two!);
    const all = bundleOf(...[...first, ...second].map((database) => killed({ database })));
    assertEquals(one!.total, first.length + second.length + missed);
    assertEquals(
      one!.tallies.map(({ count }) => count).toSorted(),
      all.tallies.map(({ count }) => count).toSorted(),
    );
  }));
});
