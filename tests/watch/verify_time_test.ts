import { assertEquals } from "@std/assert";
import { verifyTime } from "../../src/watch/verify_time.ts";
import { policy, rules } from "../policy/fixture.ts";

Deno.test("the effect of a kill is looked for as long as verify says, and less where its next step comes first", () => {
  const asked = rules(
    [policy(), policy({ name: "later", escalate: 60_000 }), policy({ name: "soon", escalate: 2000 })],
    { verify: 5000 },
  );
  assertEquals(verifyTime(asked, "long"), 5000);
  assertEquals(verifyTime(asked, "later"), 5000);
  assertEquals(verifyTime(asked, "soon"), 1600, "it has to be seen to survive 400 ms before that");
  assertEquals(verifyTime(asked, "gone with a reload"), 5000);
});
