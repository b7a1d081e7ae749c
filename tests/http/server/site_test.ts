import { assertEquals } from "@std/assert";
import type { Site } from "../../../src/http/server/mod.ts";
import { Secret } from "../../../src/text/secret.ts";
import { served } from "./fixture.ts";

const SITE: Site = {
  open: /^\/health$/,
  hasLogin: false,
  bodyOf: ({ status, error }) => ({
    type: "application/json",
    text: JSON.stringify({ error: { code: status, message: error } }),
  }),
};

const [FIRST, SECOND] = ["0123456789abcdef", "fedcba9876543210"] as const;

Deno.test("another site says what is open, how it refuses, and whether people log in", async () => {
  await using there = await served({
    token: new Secret(FIRST),
    moreTokens: [new Secret(SECOND)],
    hasToken: true,
  }, {
    site: SITE,
  });
  const ask = async (path: string, token?: string, more: RequestInit = {}) => {
    const response = await fetch(`http://127.0.0.1:${there.port}${path}`, {
      redirect: "manual",
      ...more,
      headers: {
        accept: "text/html",
        ...more.body !== undefined && { "content-type": "application/json" },
        ...token !== undefined && { authorization: `Bearer ${token}` },
      },
    });
    return [response.status, await response.text()] as const;
  };
  const needed = JSON.stringify({ error: { code: 401, message: "A token is needed" } });
  assertEquals(await ask("/"), [401, needed]);
  assertEquals(await ask("/healthz"), [401, needed]);
  assertEquals(await ask("/login", undefined, { method: "POST", body: JSON.stringify({ token: FIRST }) }), [
    401,
    needed,
  ]);
  assertEquals(await ask("/", `${FIRST}0`), [401, needed]);
  assertEquals(there.reached.length, 0);
  for (const token of [FIRST, SECOND]) assertEquals((await ask("/", token))[0] === 401, false);
  assertEquals((await ask("/health"))[0] === 401, false);
  assertEquals(there.reached.length, 3);
});
