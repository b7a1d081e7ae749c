import { assertEquals } from "@std/assert";
import { createHmac } from "node:crypto";
import { hmacSha256 } from "../../src/notify/hmac.ts";
import { Secret } from "../../src/text/secret.ts";

Deno.test("hmacSha256() is what Node's is, for keys of any length", () => {
  for (const length of [1, 31, 63, 64, 65, 200]) {
    for (const character of ["k", "ü"]) {
      const key = character.repeat(length);
      const expected = createHmac("sha256", key).update("1.{}é").digest("hex");
      assertEquals(hmacSha256(new Secret(key), "1.{}é"), expected, `${length} ${character}`);
    }
  }
});
