import { assert, assertEquals } from "@std/assert";
import { ABOVE, across, lagAxis, px, timeAxis, valueAxis } from "../../../src/report/html/axis.ts";
import { at, DAY, HOUR } from "./fixture.ts";

Deno.test("time goes from left to right, in percent, and ends at the edges", () => {
  const { place } = timeAxis({ from: at(0), to: at(10 * DAY) });
  assertEquals([-DAY, 0, DAY, 5 * DAY, 10 * DAY, 11 * DAY].map((ms) => place(at(ms))), [
    0,
    0,
    10,
    50,
    100,
    100,
  ]);
});

Deno.test("the ticks of time are as fine as the time is short", () => {
  const labels = (ms: number) => timeAxis({ from: at(0), to: at(ms) }).ticks.map(({ label }) => label);
  assertEquals(labels(DAY).slice(0, 3), ["20 Nov", "03:00", "06:00"]);
  assertEquals(labels(7 * DAY).slice(0, 3), ["20 Nov", "21 Nov", "22 Nov"]);
  assertEquals(labels(364 * DAY).slice(0, 2), ["Dec", "2027"]);
  for (const ms of [HOUR, DAY, 30 * DAY, 364 * DAY, 1000 * DAY]) assert(labels(ms).length <= 16, `${ms}`);
});

Deno.test("values go from the bottom to the top, which is round", () => {
  const axis = valueAxis([3, 97], { height: 100 });
  assertEquals([axis.top(0), axis.top(100)], [ABOVE + 100, ABOVE]);
  assertEquals(axis.ticks.map(({ label }) => label), ["0", "50", "100"]);
});

Deno.test("an axis of counts has no parts of one, and one of nothing has a height", () => {
  assertEquals(valueAxis([1], { height: 100, whole: true }).ticks.map(({ label }) => label), ["0", "1"]);
  assertEquals(valueAxis([], { height: 100, whole: true }).ticks.map(({ label }) => label), ["0", "1"]);
});

Deno.test("an axis of lags is round in seconds, minutes or hours", () => {
  const labels = (seconds: number) => lagAxis([seconds], 100).ticks.map(({ label }) => label);
  assertEquals(labels(40), ["0", "10 s", "20 s", "30 s", "40 s"]);
  assertEquals(labels(290), ["0", "2 min", "4 min", "6 min"]);
  assertEquals(labels(36_000), ["0", "5 h", "10 h"]);
});

Deno.test("lengths are short", () => {
  assertEquals([across(100 / 3), across(50), px(1 / 3), px(4)], ["33.333%", "50%", "0.3", "4"]);
});
