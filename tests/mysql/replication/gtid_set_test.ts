import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type GtidSet,
  includesGtidSet,
  isEmptyGtidSet,
  parseGtidSet,
  unionOfGtidSets,
} from "../../../src/mysql/replication/gtid_set.ts";
import { parseGtidList, reachedGtidList } from "../../../src/mysql/replication/gtid_list.ts";

const A = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const B = "3e11fa47-71ca-11e1-9e33-c80aa9429563";

/** A set as a naive model: every transaction by itself. */
type Model = ReadonlySet<string>;

/** Text of a set as MySQL might print it, and what is in it. */
const TEXTS: fc.Arbitrary<readonly [text: string, model: Model]> = fc.array(
  fc.record({
    uuid: fc.constantFrom(A, B, A.toUpperCase()),
    groups: fc.array(
      fc.record({
        tag: fc.constantFrom("", "", "red", "_Blue2"),
        intervals: fc.array(fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 6 })), {
          minLength: 1,
          maxLength: 4,
        }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    separator: fc.constantFrom(",", ",\n", " , "),
  }),
  { maxLength: 4 },
).map((parts) => {
  const model = new Set<string>();
  const texts = parts.map(({ uuid, groups, separator }) => {
    // Intervals without a tag come first: a tag holds for all that follow it.
    const ordered = [...groups.filter(({ tag }) => tag === ""), ...groups.filter(({ tag }) => tag !== "")];
    const fields = ordered.map(({ tag, intervals }) => {
      for (const [first, more] of intervals) {
        for (let number = first; number <= first + more; number++) {
          model.add(`${uuid}${tag === "" ? "" : `:${tag}`}:${number}`.toLowerCase());
        }
      }
      const list = intervals.map(([first, more]) => more === 0 ? `${first}` : `${first}-${first + more}`);
      return `${tag === "" ? "" : `:${tag}`}:${list.join(":")}`;
    });
    return `${uuid}${fields.join("")}${separator}`;
  });
  return [texts.join(""), model] as const;
});

function modelOf(set: GtidSet | undefined): readonly string[] {
  const all = Object.entries(set!).flatMap(([key, intervals]) =>
    intervals.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, index) => `${key}:${first + index}`)
    )
  );
  return all.toSorted();
}

Deno.test("parseGtidSet() reads what is in a set, and in ascending intervals that do not touch", () => {
  fc.assert(fc.property(TEXTS, ([text, model]) => {
    const set = parseGtidSet(text);
    assertEquals(modelOf(set), [...model].toSorted(), text);
    for (const intervals of Object.values(set!)) {
      for (const [index, [first]] of intervals.entries()) {
        if (index > 0) assertEquals(first > intervals[index - 1]![1] + 1, true, text);
      }
    }
    assertEquals(isEmptyGtidSet(set!), model.size === 0);
  }));
});

Deno.test("unions and inclusions of sets are those of their transactions", () => {
  fc.assert(fc.property(TEXTS, TEXTS, ([textA, modelA], [textB, modelB]) => {
    const [a, b] = [parseGtidSet(textA)!, parseGtidSet(textB)!];
    const union = unionOfGtidSets(a, b);
    assertEquals(modelOf(union), [...modelA.union(modelB)].toSorted());
    assertEquals(includesGtidSet(a, b), modelB.isSubsetOf(modelA), `${textA} / ${textB}`);
    assertEquals(includesGtidSet(union, a) && includesGtidSet(union, b), true);
    assertEquals(JSON.parse(JSON.stringify(union)), union);
  }));
});

Deno.test("includesGtidSet() sees a gap, and a tag", () => {
  const source = parseGtidSet(`${A}:1-100`)!;
  assertEquals(includesGtidSet(parseGtidSet(`${A}:1-49:51-200`)!, source), false);
  assertEquals(includesGtidSet(parseGtidSet(`${A}:1-50:51-200`)!, source), true);
  assertEquals(includesGtidSet(parseGtidSet(`${A}:red:1-200`)!, source), false);
  assertEquals(includesGtidSet(parseGtidSet(`${A}:1-200,\n${B}:7`)!, source), true, "an errant transaction");
});

Deno.test("parseGtidSet() takes nothing that is not a set", () => {
  const bad = [
    "x",
    A,
    `${A}:`,
    `${A}:0`,
    `${A}:5-3`,
    `${A}:1-`,
    `${A}:-1`,
    `${A}:1-2-3`,
    `${A}:red`,
    `${A}:red:blue:1`,
    `${A}:1:red`,
    `${A}:9007199254740993`,
    `${A}:1;${B}:1`,
    `${A.slice(1)}:1`,
    "0-1-5",
    "NULL",
  ];
  for (const text of bad) assertEquals(parseGtidSet(text), undefined, text);
  assertEquals(parseGtidSet(""), {});
  assertEquals(parseGtidSet(" \n"), {});
});

Deno.test("parseGtidSet() of any text is a set or undefined, and never throws", () => {
  const soup = fc.array(fc.constantFrom(A, ":", ",", "-", "1", "20", "red", "\n", "__proto__", " "), {
    maxLength: 9,
  })
    .map((parts) => parts.join(""));
  fc.assert(fc.property(fc.oneof(fc.string(), soup), (text) => {
    const set = parseGtidSet(text);
    if (set !== undefined) assertEquals(includesGtidSet(set, set), true);
  }));
});

Deno.test("parseGtidList() reads MariaDB's positions, and nothing else", () => {
  assertEquals(parseGtidList("0-1-5,\n7-12-9"), {
    0: { server: 1, sequence: 5 },
    7: { server: 12, sequence: 9 },
  });
  assertEquals(parseGtidList(""), {});
  for (const text of ["0-1", "0-1-5-6", "a-1-5", "0-1-5,0-2-6", "0-1-9007199254740993", `${A}:1`, "0-1--5"]) {
    assertEquals(parseGtidList(text), undefined, text);
  }
});

Deno.test("reachedGtidList() compares by domain, and only what the replica follows", () => {
  const reached = (replica: string, source: string, filter = {}) =>
    reachedGtidList(parseGtidList(replica)!, parseGtidList(source)!, filter);
  assertEquals(reached("0-1-5", "0-1-5"), true);
  assertEquals(reached("0-2-6", "0-1-5"), true);
  assertEquals(reached("0-1-4", "0-1-5"), false);
  assertEquals(reached("0-1-5", "0-2-5"), undefined, "two servers gave one number");
  assertEquals(reached("0-1-5", "0-1-5,1-1-1"), undefined, "a domain it knows nothing of");
  assertEquals(reached("0-1-4", "0-1-5,1-1-1"), false, "behind whatever the other domain is");
  assertEquals(reached("0-1-5,1-9-9", "0-1-5"), true, "a domain of its own");
  assertEquals(reached("0-1-5", "0-1-5,1-1-1", { only: ["0"] }), true);
  assertEquals(reached("0-1-5,1-1-1", "0-1-5,1-1-7", { except: ["1"] }), true);
  assertEquals(reached("0-1-5,1-1-1", "0-1-5,1-1-7", { only: ["1"], except: [] }), false);
});
