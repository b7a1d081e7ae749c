import { assertEquals } from "@std/assert";
import { digest } from "../../src/digest/mod.ts";
import { newTextMap } from "../../src/digest/text_map.ts";

function mapOf(limits: { readonly entries: number; readonly bytes: number }) {
  const key = { text: new Uint8Array(64), length: 0 };
  const map = newTextMap<string>(key, limits);
  const use = (text: string) => {
    key.text.fill(0);
    key.length = new TextEncoder().encodeInto(text, key.text).written;
    return map.get();
  };
  return { map, use };
}

Deno.test("newTextMap() keeps the value of a text, and of no other", () => {
  const { map, use } = mapOf({ entries: 8, bytes: 1000 });
  assertEquals(use("abcde"), undefined);
  assertEquals(map.isRepeated(), false);
  assertEquals(use("abcde"), undefined);
  assertEquals(map.isRepeated(), true);
  map.set("one", { bytes: 3 });
  assertEquals(use("abcde"), "one");
  for (const other of ["", "abcd", "abcdf", "abcde\0", "abcdeabcde"]) {
    assertEquals(use(other), undefined, other);
  }
  assertEquals(use("abcde"), "one");
});

Deno.test("newTextMap() forgets all where it is full", () => {
  const { map, use } = mapOf({ entries: 2, bytes: 1000 });
  for (const text of ["a", "b", "c"]) {
    use(text);
    map.set(text, { bytes: 1 });
  }
  assertEquals(["a", "b", "c"].map(use), [undefined, undefined, "c"]);
});

Deno.test("digest() tells the same of a text however often it is asked", () => {
  const sqls = Array.from({ length: 5000 }, (_, index) => `select a${index} from é${index % 7}`);
  const first = sqls.map((sql) => digest(sql));
  for (let again = 0; again < 2; again++) assertEquals(sqls.map((sql) => digest(sql)), first);
});
