import { assertEquals } from "@std/assert";
import { clientOptions } from "../../src/config/defaults_file.ts";

const CASES: readonly (readonly [text: string, options: ReturnType<typeof clientOptions>])[] = [
  ["", {}],
  ["user=a\npassword=b\n", {}],
  ["[client]\r\nuser=a\r\npassword=b\r\n", { user: "a", password: "b" }],
  ["[client]\n  user = a  \n  password=b c  \n", { user: "a", password: "b c" }],
  ["[client]\n# user=x\n; user=y\n#password=z\nuser=a\n", { user: "a" }],
  ["[client]\npassword='it''s'\n", { password: "it''s" }],
  ['[client]\npassword="a#b" # a comment\n', { password: "a#b" }],
  ["[client]\npassword=a#b\n", { password: "a" }],
  ["[client]\npassword='a\\\\b\\sc\\td\\q'\n", { password: "a\\b c\td\\q" }],
  ["[client]\npassword=\n", { password: "" }],
  ["[client]\npassword\nuser=a\n", { user: "a" }],
  ["[client]\nuser=a\nuser=b\n[mysql]\nuser=c\n[client]\npassword=d\n", { user: "b", password: "d" }],
  ["[query-sniper]\nuser=s\n[client]\nuser=a\npassword=b\n", { user: "s", password: "b" }],
  ["[client]\nuser=a\npassword=b=c\n", { user: "a", password: "b=c" }],
  ["[client]\npassword_history=1\nusername=x\n", {}],
];

Deno.test("clientOptions() reads an option file as the servers' own client programs do", () => {
  for (const [text, options] of CASES) assertEquals(clientOptions(text), options, text);
});
