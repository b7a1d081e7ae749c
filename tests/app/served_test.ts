import { assertEquals } from "@std/assert";
import { hasSameDoor } from "../../src/app/served.ts";
import type { ListenConfig } from "../../src/config/mod.ts";
import { Secret } from "../../src/text/secret.ts";

function door(...tokens: readonly string[]): ListenConfig {
  const [token, ...moreTokens] = tokens.map((text) => new Secret(text));
  return {
    ...{ address: { host: "127.0.0.1", port: 1 }, hosts: [], hasTls: false, hasClientCertificates: false },
    ...token !== undefined && { token, moreTokens },
    hasToken: token !== undefined,
  };
}

Deno.test("another token of several is another door", () => {
  assertEquals(hasSameDoor(door("first", "second"), door("first", "second")), true);
  for (const other of [door(), door("first"), door("first", "third"), door("first", "second", "third")]) {
    assertEquals(hasSameDoor(door("first", "second"), other), false);
    assertEquals(hasSameDoor(other, door("first", "second")), false);
  }
  const { moreTokens: _more, ...single } = door("first");
  assertEquals(hasSameDoor(single, door("first")), true);
});
