import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { samplesOf } from "../../../src/shards/metrics/prometheus_text.ts";

const WANTED = new Set(["a", "b_total"]);

Deno.test("samplesOf() reads what the format allows, of the metrics that are wanted", () => {
  const text = [
    "# HELP a A metric.",
    "# TYPE a gauge",
    "a 1",
    'a{x="1",y="two words"} 2.5e3 1700000000000',
    'b_total{path="/a\\\\b",say="\\"hi\\" {there}",line="1\\n2",} +3\r',
    "\ta 4",
    "ab 5",
    "b_total{} 6",
    'a { x = "1" } 7',
    "a NaN",
    "a +Inf",
    "a",
    "a 1 2 3",
    'a{x="1} 8',
    "a{x=1} 9",
    'a{x="1"y="2"} 10',
    `a{x="${"y".repeat(9000)}"} 11`,
  ].join("\n");
  assertEquals(samplesOf(text, WANTED), [
    { name: "a", labels: {}, value: 1 },
    { name: "a", labels: { x: "1", y: "two words" }, value: 2500 },
    { name: "b_total", labels: { path: "/a\\b", say: '"hi" {there}', line: "1\n2" }, value: 3 },
    { name: "b_total", labels: {}, value: 6 },
  ]);
});

Deno.test("samplesOf() takes any text, in time that grows with its length", () => {
  const piece = fc.constantFrom(
    "a",
    "{",
    "}",
    '"',
    "\\",
    ",",
    "=",
    " ",
    "1",
    "\n",
    "b_total",
    "#",
    'x="y"',
    "\0",
  );
  fc.assert(fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
    for (const { value } of samplesOf(pieces.join(""), WANTED)) assert(Number.isFinite(value));
  }));
  const begun = performance.now();
  const line = `a{${'x="\\'.repeat(2000)}`.slice(0, 8000);
  assertEquals(samplesOf(`${line}\n`.repeat(500), WANTED), []);
  assert(performance.now() - begun < 5_000);
});
