import { assertEquals } from "@std/assert";
import { provisionerOf, ProvisionError } from "../../../src/shards/provision/mod.ts";
import { httpProvisioner } from "../../../src/shards/provision/http.ts";
import { Folder } from "../../config/folder.ts";
import { ROOT } from "../../program.ts";
import { refused } from "./refused.ts";

const REQUEST = { name: "shard-4", schema: "shop", reason: "rows > 100k" };
const SIGNAL = new AbortController().signal;

interface Asked {
  readonly path: string;
  readonly token: string | null;
  readonly body: unknown;
}

/** A service on this host that answers with what it is told. */
async function serving<T>(
  answer: (asked: Asked, count: number) => Response | Promise<Response>,
  use: (url: string, asked: Asked[]) => Promise<T>,
  tls: { readonly cert?: string; readonly key?: string } = {},
): Promise<T> {
  const asked: Asked[] = [];
  const handler = async (request: Request) => {
    asked.push({
      path: new URL(request.url).pathname,
      token: request.headers.get("authorization"),
      body: await request.json().catch(() => "none"),
    });
    return await answer(asked.at(-1)!, asked.length);
  };
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {}, ...tls } as Deno.ServeTcpOptions;
  const server = Deno.serve(options, handler);
  try {
    return await use(
      `http${tls.cert === undefined ? "://127.0.0.1" : "s://localhost"}:${server.addr.port}/shards`,
      asked,
    );
  } finally {
    await server.shutdown();
  }
}

function config(url: string, more: { readonly tokenFile?: string; readonly caFile?: string } = {}) {
  return { kind: "http", url, timeout: 60_000, destroy: "never", ...more } as const;
}

async function errorOf(answer: () => Response | Promise<Response>): Promise<ProvisionError> {
  return await serving(
    answer,
    (url) => refused(() => httpProvisioner(config(url), 300).ask(REQUEST, SIGNAL)),
  );
}

Deno.test("a service is sent the name, the schema and the reason, with the token of a file that only its owner reads", async () => {
  await using folder = await Folder.make({ token: "abcdefgh12345678\n", open: { text: "abc", mode: 0o644 } });
  await serving(
    () => Response.json({ state: "ready", host: "10.0.0.7", port: 3306 }),
    async (url, asked) => {
      const provisioner = provisionerOf(config(url, { tokenFile: folder.file("token") }));
      assertEquals(await provisioner.ask(REQUEST, SIGNAL), { state: "ready", host: "10.0.0.7", port: 3306 });
      assertEquals(asked, [{
        path: "/shards",
        token: "Bearer abcdefgh12345678",
        body: { action: "create", ...REQUEST },
      }]);
      for (
        const [file, words] of [["open", "other users have access"], ["none", "it does not exist"]] as const
      ) {
        const { message } = await refused(() =>
          provisionerOf(config(url, { tokenFile: folder.file(file) })).ask(REQUEST, SIGNAL)
        );
        assertEquals(message.includes(words) && !message.includes("abc"), true, message);
      }
      assertEquals(asked.length, 1);
    },
  );
});

Deno.test("what a service says is told without its address; what may pass is asked again", async () => {
  const rows:
    readonly (readonly [answer: () => Response | Promise<Response>, message: string, isFinal: boolean])[] = [
      [
        () => new Response("no", { status: 503, headers: { "retry-after": "7" } }),
        "it answered with 503",
        false,
      ],
      [() => new Response("", { status: 429 }), "it answered with 429", false],
      [() => new Response("", { status: 401 }), "it answered with 401: see token_file", true],
      [() => new Response("", { status: 404 }), "it answered with 404", true],
      [() => Response.redirect("http://127.0.0.1:1/"), "it answered with 302", true],
      [() => new Response("x".repeat(70_000)), "its answer is too long", true],
      [() => new Response("<html>"), "its answer is not understood: it is not JSON", true],
      [
        () => new Promise((resolve) => setTimeout(() => resolve(new Response()), 600)),
        "no answer within 0.3s",
        false,
      ],
    ];
  for (const [answer, message, isFinal] of rows) {
    const error = await errorOf(answer);
    assertEquals([error.message, error.isFinal], [message, isFinal]);
  }
  assertEquals((await errorOf(rows[0]![0])).retryAfter, 7000);
  const gone = await serving(() => new Response(), (url) => Promise.resolve(url));
  const error = await refused(() => provisionerOf(config(gone)).ask(REQUEST, SIGNAL));
  assertEquals([error.message, error.isFinal], ["no answer: the connection was refused", false]);
});

Deno.test("a server that is given back, or is not known, is done", async () => {
  const answers = [
    Response.json({ state: "pending" }),
    Response.json({ state: "destroyed", name: "shard-4" }),
    new Response("", { status: 404 }),
  ];
  await serving((_, count) => answers[count - 1]!, async (url, asked) => {
    const provisioner = provisionerOf(config(url));
    assertEquals(await provisioner.destroy(REQUEST, SIGNAL), "pending");
    assertEquals(await provisioner.destroy(REQUEST, SIGNAL), "done");
    assertEquals(await provisioner.destroy(REQUEST, SIGNAL), "done");
    assertEquals(asked[0]!.body, { action: "destroy", ...REQUEST });
  });
});

Deno.test("a service with TLS is asked where its certificate is known, and not else", async () => {
  const read = (name: string) => Deno.readTextFile(`${ROOT}tests/fixtures/tls/${name}`);
  const tls = { cert: await read("server-cert.pem"), key: await read("server-key.pem") };
  await serving(() => Response.json({ state: "pending" }), async (url) => {
    const known = provisionerOf(config(url, { caFile: `${ROOT}tests/fixtures/tls/ca.pem` }));
    assertEquals(await known.ask(REQUEST, SIGNAL), { state: "pending" });
    const { message } = await refused(() => provisionerOf(config(url)).ask(REQUEST, SIGNAL));
    assertEquals(message, "no answer: the certificate or the encryption is not accepted");
  }, tls);
});
