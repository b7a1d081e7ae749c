import { assertEquals, assertThrows } from "@std/assert";
import { defaultsOf, duration, list, object, preset, Problems, tagKey, word } from "../../src/yaml/mod.ts";

const seconds = duration({ min: "1s", max: "1h" });

Deno.test("preset() reads its default as it would be written, and says it in its doc", () => {
  const key = preset(seconds, "90s", "How long it waits.");
  assertEquals([key.default, key.required, key.doc], [90_000, false, "How long it waits; default 90s."]);
  assertEquals(preset(seconds, "1m", "{default}, or longer.").doc, "1m, or longer.");
  const { doc, default: tags } = preset(list(tagKey), ["a", "b"], "What is kept.");
  assertEquals([doc, tags], ["What is kept; default a, b.", ["a", "b"]]);
});

Deno.test("preset() refuses a default that could not be written", () => {
  assertThrows(() => preset(seconds, "0s", "How long."), TypeError, 'expected at least 1s: "0s"');
  assertThrows(
    () => preset(word(["on", "off"]), "maybe", "Whether."),
    TypeError,
    'expected one of "on", "off"',
  );
});

Deno.test("a key with a default that is left out stays absent: another level may have it", () => {
  const keys = { wait: preset(seconds, "5s", "How long."), mode: preset(word(["a", "b"]), "a", "Which.") };
  const problems = new Problems();
  assertEquals<unknown>(object(keys).read({ mode: "b" }, [], problems), { mode: "b" });
  assertEquals([defaultsOf(keys), problems.list], [{ wait: 5000, mode: "a" }, []]);
});
