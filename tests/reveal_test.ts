import { assertEquals } from "@std/assert";
import { relative } from "node:path";
import { ROOT } from "./program.ts";

/** Who opens a secret, and for what. Whoever else does has to be looked at by a person, and named here. */
const READERS: Readonly<Record<string, string>> = {
  "cli/commands/proxysql/running_agent.ts": "shows the agent its own token",
  "config/listen.ts": "tells whether a token and a key can be used",
  "config/notify.ts": "tells whether a secret is an address",
  "connection/connecting.ts": "opens the key of the client's certificate",
  "connection/connection.ts": "logs in",
  "events/redact.ts": "makes digests of statements; their text only with log: { sql: raw }",
  "http/server/new_server.ts": "encrypts with the key of the server",
  "http/server/session.ts": "compares with the token, signs cookies",
  "language/evaluate.ts": "evaluates conditions on sql",
  "language/explain.ts": "makes digest texts",
  "mysql/executor/ended_by.ts": "compares a text with itself",
  "mysql/proxied/agreement.ts": "compares digests of what a server shows and what a proxy shows",
  "mysql/reads/alike.ts": "makes digests",
  "mysql/reads/statement_end.ts": "looks for functions that are interrupted without an error",
  "mysql/reads/statements.ts": "makes digests, reads tags",
  "mysql/reads/whole_text.ts": "compares a text with its beginning",
  "notify/alertmanager.ts": "adds the path of the API to the address",
  "notify/hmac.ts": "signs",
  "notify/mail.ts": "logs in at the mail server, and keeps the password out of answers",
  "notify/pagerduty.ts": "sends the routing key",
  "notify/post.ts": "posts to the address",
  "shards/router/router_app.ts": "compares tokens",
  "yaml/locate.ts": "finds a key again in its file",
};

Deno.test("nobody opens passwords and statement texts but those who have to", async () => {
  const found = new Set<string>();
  for await (const file of files(`${ROOT}src`)) {
    const text = await Deno.readTextFile(file);
    if (/\.reveal\(\)/.test(text)) found.add(relative(`${ROOT}src`, file));
  }
  assertEquals([...found].toSorted(), Object.keys(READERS).toSorted());
});

async function* files(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* files(path);
    else yield path;
  }
}
