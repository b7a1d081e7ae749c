import { assertEquals } from "@std/assert";
import {
  dayText,
  duration,
  figure,
  lengthOf,
  momentText,
  percent,
  plural,
  shortDay,
  shortNumber,
} from "../../../src/report/html/words.ts";
import { at, DAY, HOUR } from "./fixture.ts";

Deno.test("durations have at most two units", () => {
  const rows: readonly (readonly [ms: number, words: string])[] = [
    [0, "0 ms"],
    [849.6, "850 ms"],
    [999, "999 ms"],
    [999.6, "1 s"],
    [1000, "1 s"],
    [12_345, "12.3 s"],
    [59_949, "59.9 s"],
    [59_950, "1 min"],
    [60_000, "1 min"],
    [61_400, "1 min 1 s"],
    [119_900, "2 min"],
    [3_599_900, "1 h"],
    [3_600_000, "1 h"],
    [9_840_000, "2 h 44 min"],
    [DAY - 1, "1 d"],
    [DAY, "1 d"],
    [2 * DAY + 4 * HOUR, "2 d 4 h"],
    [1234 * DAY, "1,234 d"],
  ];
  for (const [ms, words] of rows) assertEquals(duration(ms), words, `${ms}`);
});

Deno.test("shares that are small are not told as none", () => {
  const rows = [[0, "0%"], [0.0004, "under 0.1%"], [0.0123, "1.2%"], [0.02, "2%"], [0.314, "31%"], [
    1,
    "100%",
  ], [
    11.7,
    "1170%",
  ]] as const;
  for (const [part, words] of rows) assertEquals(percent(part), words);
});

Deno.test("the length of a time is told in its two largest units", () => {
  const rows = [
    [0, "less than a minute"],
    [60_000, "1 minute"],
    [90 * 60_000, "1 hour 30 minutes"],
    [2 * DAY, "2 days"],
    [DAY + 3 * HOUR + 60_000, "1 day 3 hours"],
    [DAY + 60_000, "1 day 1 minute"],
  ] as const;
  for (const [ms, words] of rows) assertEquals(lengthOf({ from: at(0), to: at(ms) }), words);
});

Deno.test("moments are told in UTC", () => {
  assertEquals(momentText("2026-11-20T23:59:59.999Z"), "20 Nov 2026 23:59");
  assertEquals(dayText("2026-11-20T23:59:59.999Z"), "20 Nov 2026");
  assertEquals(shortDay("2026-11-20"), "20 Nov");
});

Deno.test("figures are for people, with the exact one for machines", () => {
  assertEquals(figure(12_345).text, '<data value="12345">12,345</data>');
  assertEquals(figure(0.314, percent).text, '<data value="0.314">31%</data>');
  assertEquals(figure(null).text, '<span class="unknown">unknown</span>');
  assertEquals([plural(1, "kill"), plural(0, "kill"), plural(1200, "query", "queries")], [
    "1 kill",
    "0 kills",
    "1,200 queries",
  ]);
  assertEquals([shortNumber(950), shortNumber(1_234_567)], ["950", "1.2M"]);
});
