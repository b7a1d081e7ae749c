import { assertEquals, assertThrows } from "@std/assert";
import { barsOf, iso, readComparedPeriod, readMoment, readPeriod } from "../../src/report/period.ts";

const NOW = Date.UTC(2026, 10, 20, 12, 30);

function period(since: string, until?: string): readonly string[] {
  const { from, to } = readPeriod({ since, until }, NOW);
  return [iso(from), iso(to)];
}

Deno.test("a moment is how long ago, a time, or a time of the clock, in UTC", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["24h", "2026-11-19T12:30:00.000Z"],
    ["2026-11-20", "2026-11-20T00:00:00.000Z"],
    ["2026-11-20T10:03", "2026-11-20T10:03:00.000Z"],
    ["2026-11-20 10:03:04.5", "2026-11-20T10:03:04.500Z"],
    ["2026-11-20T10:03+02:00", "2026-11-20T08:03:00.000Z"],
    ["10:03", "2026-11-20T10:03:00.000Z"],
    ["13:00", "2026-11-19T13:00:00.000Z"],
    ["now", "2026-11-20T12:30:00.000Z"],
  ];
  for (const [text, moment] of rows) assertEquals(iso(readMoment(text, NOW)), moment, text);
});

Deno.test("what is no moment is refused in words", () => {
  for (const text of ["yesterday", "7", "7M", "0s", "24:00", "1e3s", "\u001b[31m"]) {
    assertThrows(() => readMoment(text, NOW), Error, "expected how long ago, such as 24h");
  }
  for (const text of ["2026-11-31", "2026-13-01", "2026-11-20T25:00"]) {
    assertThrows(() => readMoment(text, NOW), Error, `there is no such time: "${text}"`);
  }
});

Deno.test("what is before 1970 is too long ago", () => {
  const own = readPeriod({ since: "7d", until: undefined }, NOW);
  for (const text of ["99999d", "999999999999d", "1969-12-31", "0001-01-01"]) {
    assertThrows(() => readMoment(text, NOW), Error, `that is too long ago: "${text}"`);
    assertThrows(() => period(text), Error, `that is too long ago: "${text}"`);
  }
  for (const text of ["99999d", "999999999999d", "1969-12-31/2026-11-01"]) {
    assertThrows(() => readComparedPeriod(text, own, NOW), Error, "that is too long ago");
  }
});

Deno.test("a period of days begins at midnight, and never ends in the future", () => {
  assertEquals(period("7d"), ["2026-11-13T00:00:00.000Z", "2026-11-20T12:30:00.000Z"]);
  assertEquals(period("24h"), ["2026-11-19T12:30:00.000Z", "2026-11-20T12:30:00.000Z"]);
  assertEquals(period("2026-11-01", "2026-11-08"), ["2026-11-01T00:00:00.000Z", "2026-11-08T00:00:00.000Z"]);
  assertEquals(period("1h", "2027-01-01"), ["2026-11-20T11:30:00.000Z", "2026-11-20T12:30:00.000Z"]);
  assertThrows(() => period("2026-11-08", "2026-11-01"), Error, "the period ends before it begins");
  assertThrows(() => period("99999d"), Error, "too long ago");
});

Deno.test("a period is compared with so long before, or with one that is named", () => {
  const own = readPeriod({ since: "2026-11-08", until: "2026-11-15" }, NOW);
  const compared = (text: string) => {
    const { from, to } = readComparedPeriod(text, own, NOW);
    return [iso(from).slice(0, 10), iso(to).slice(0, 10)];
  };
  assertEquals(compared("7d"), ["2026-11-01", "2026-11-08"]);
  assertEquals(compared("2026-10-01/2026-10-15"), ["2026-10-01", "2026-10-15"]);
  for (const text of ["7", "2026-10-01", "2026-10-01/2026-10-02/2026-10-03", "2026-10-15/2026-10-01"]) {
    assertThrows(() => compared(text), Error);
  }
});

Deno.test("bars are whole days, or weeks, without holes", () => {
  const rows: readonly (readonly [string, string | undefined, number, number])[] = [
    ["7d", undefined, 8, 24],
    ["24h", undefined, 2, 11.5],
    ["14d", undefined, 15, 24],
    ["30d", undefined, 5, 168],
    ["2026-11-01", "2026-11-15", 14, 24],
  ];
  for (const [since, until, count, hours] of rows) {
    const own = readPeriod({ since, until }, NOW);
    const bars = barsOf(own);
    assertEquals([bars.length, (bars[0]!.to - bars[0]!.from) / 3_600_000], [count, hours], since);
    assertEquals([bars[0]!.from, bars.at(-1)!.to], [own.from, own.to]);
    for (const [index, bar] of bars.entries()) assertEquals(bar.from, bars[index - 1]?.to ?? own.from);
  }
});
