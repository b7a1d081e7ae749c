import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { jsonLine, prettyLine } from "../../src/events/format.ts";

const AT = Date.UTC(2026, 10, 20, 10, 0, 0, 123);

Deno.test("jsonLine() puts at, level and event first, and keeps the order of the rest", () => {
  const event = {
    event: "kill",
    database: "orders",
    policy: "impacted",
    took_ms: 3.2,
    because: [{ left: "42s" }],
  };
  assertEquals(
    jsonLine({ at: AT, level: "warning", event }),
    '{"at":"2026-11-20T10:00:00.123Z","level":"warning","event":"kill","database":"orders",' +
      '"policy":"impacted","took_ms":3.2,"because":[{"left":"42s"}]}',
  );
});

Deno.test("jsonLine() leaves out what is undefined", () => {
  assertEquals(
    jsonLine({ at: 0, level: "info", event: { event: "stop", reason: undefined, kills: 0 } }),
    '{"at":"1970-01-01T00:00:00.000Z","level":"info","event":"stop","kills":0}',
  );
});

Deno.test("jsonLine() is one line that reads back as what was written", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string({ unit: "binary" }), { maxKeys: 4 }), (fields) => {
      const event = { event: "kill", fields };
      const line = jsonLine({ at: AT, level: "info", event });
      assertEquals(line.split("\n").length, 1);
      assertEquals(
        JSON.parse(line),
        JSON.parse(JSON.stringify({ at: "2026-11-20T10:00:00.123Z", level: "info", ...event })),
      );
    }),
  );
});

Deno.test("prettyLine() aligns time, level, event and text", () => {
  const line = { at: AT, level: "warning", event: "kill", text: "orders: killed 812" };
  assertEquals(prettyLine(line, false), "10:00:00.123 warning kill        orders: killed 812");
  assertEquals(
    prettyLine({ ...line, level: "info", event: "unreachable" }, false),
    "10:00:00.123 info    unreachable orders: killed 812",
  );
});

Deno.test({
  name: "prettyLine() colors only where it is told to",
  ignore: Deno.noColor, // where NO_COLOR is set the standard library colors nothing
  fn() {
    const line = { at: AT, level: "error", event: "unreachable", text: "orders" };
    const colored = prettyLine(line, true);
    // deno-lint-ignore no-control-regex
    const codes = /\u001b\[\d+m/g;
    assert(colored.includes("\u001b[31merror  \u001b[39m"), colored);
    assertEquals(colored.replace(codes, ""), prettyLine(line, false));
    assertEquals(codes.test(prettyLine(line, false)), false);
  },
});

Deno.test("prettyLine() escapes each control character of a text", () => {
  const pretty = (text: string) =>
    prettyLine({ at: AT, level: "info", event: "kill", text }, false).slice(33);
  assertEquals(pretty("a\u001b[31mb"), "a\\u001b[31mb");
  assertEquals(pretty("a\r\n\tb\u0000\u007f\u009bc"), "a\\r\\n\\tb\\u0000\\u007f\\u009bc");
  assertEquals(pretty("a\u2028\u2029\u202eb"), "a\\u2028\\u2029\\u202eb");
  assertEquals(
    pretty("\u2066\u2069\u061c\u200e\u200f\ufeffb"),
    "\\u2066\\u2069\\u061c\\u200e\\u200f\\ufeffb",
  );
  assertEquals(pretty("é 😀 … ·"), "é 😀 … ·");
});

Deno.test("prettyLine() is one line without control characters, whatever it is given", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const line = prettyLine({ at: AT, level: "info", event: "kill", text }, false);
    assertEquals(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(line), false);
  }));
});
