import { assertEquals } from "@std/assert";
import { loadDatabases } from "./folder.ts";
import { parseSchedule, SCHEDULE_PATTERN } from "../../src/config/schedule.ts";

/** The windows of a schedule, as `DAYS FROM-TO ZONE` in numbers. */
function windowsOf(text: string): readonly string[] {
  const schedule = parseSchedule(text);
  if (typeof schedule === "string") return [schedule];
  return schedule.windows.map(({ days, from, to, zone }) => `${days.join("")} ${from}-${to} ${zone}`);
}

const ROWS: readonly (readonly [text: string, ...windows: string[]])[] = [
  ["Mon-Fri 08:00-20:00 Europe/Berlin", "01234 480-1200 Europe/Berlin"],
  ["08:00-20:00", "0123456 480-1200 UTC"],
  ["08:00 - 20:00 UTC", "0123456 480-1200 UTC"],
  ["Mon 00:00-24:00", "0 0-1440 UTC"],
  ["22:00-06:00", "0123456 1320-360 UTC"],
  ["22:00-00:00", "0123456 1320-0 UTC"],
  ["Sat,Sun 10:00-16:00 America/New_York", "56 600-960 America/New_York"],
  ["Sun, Sat ,Mon-Tue 10:00-16:00", "0156 600-960 UTC"],
  ["fri-MON 10:00-16:00", "0456 600-960 UTC"],
  ["Mon-Fri 08:00-12:00, Sat 09:00-10:00 Asia/Tokyo", "01234 480-720 Asia/Tokyo", "5 540-600 Asia/Tokyo"],
  ["Mon 08:00-12:00 UTC,Tue 08:00-12:00 Asia/Tokyo", "0 480-720 UTC", "1 480-720 Asia/Tokyo"],
  ["Mon 08:00-12:00,13:00-17:00 Etc/GMT+2", "0 480-720 Etc/GMT+2", "0123456 780-1020 Etc/GMT+2"],
];

Deno.test("parseSchedule() reads days, hours and zones", () => {
  for (const [text, ...windows] of ROWS) assertEquals(windowsOf(text), windows, text);
});

Deno.test("what parseSchedule() reads passes the pattern that editors check", () => {
  const pattern = new RegExp(SCHEDULE_PATTERN, "u");
  assertEquals(ROWS.map(([text]) => text).filter((text) => !pattern.test(text)), []);
});

Deno.test("parseSchedule() says what is wrong", () => {
  const rows: readonly (readonly [text: string, problem: string])[] = [
    ["", 'expected hours such as Mon-Fri 08:00-20:00 Europe/Berlin: ""'],
    ["always", 'expected hours such as Mon-Fri 08:00-20:00 Europe/Berlin: "always"'],
    ["Mon 08:00-12:00,", 'expected hours such as Mon-Fri 08:00-20:00 Europe/Berlin: ""'],
    [
      "Mon Tue 08:00-12:00",
      'expected hours such as Mon-Fri 08:00-20:00 Europe/Berlin: "Mon Tue 08:00-12:00"',
    ],
    ["Mon..Fri 08:00-12:00", 'expected a day, Mon Tue Wed Thu Fri Sat Sun: "Mon..Fri" (did you mean "Mon"?)'],
    ["08:60-12:00", 'expected a time of the day, 00:00 to 23:59: "08:60"'],
    ["08:00-24:01", 'expected a time of the day, 00:00 to 24:00: "24:01"'],
    ["08.00-12.00", 'expected a time of the day, 00:00 to 23:59: "08.00"'],
    ["08:00-12:00 CEST", 'no time zone has this name (IANA): "CEST"'],
    ["08:00-12:00 local", 'no time zone has this name (IANA): "local"'],
  ];
  for (const [text, problem] of rows) assertEquals(parseSchedule(text), problem, text);
});

Deno.test("loadConfig() lets a group or database have other hours", async () => {
  const { plain, own, nights } = await loadDatabases(`
policies:
  - { name: reads, where: running, then: log, during: "08:00-20:00" }
groups:
  night: { policies: { reads: { during: "20:00-08:00 Europe/Berlin" } } }
databases:
  - { name: plain, host: h }
  - { name: nights, host: h, group: night }
  - { name: own, host: h, policies: { reads: { during: "Sun 08:00-20:00" } } }
`);
  const texts = [plain, nights, own].map((database) => database!.rules.policies[0]!.during?.text);
  assertEquals(texts, ["08:00-20:00", "20:00-08:00 Europe/Berlin", "Sun 08:00-20:00"]);
});
