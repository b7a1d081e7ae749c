import { assertEquals } from "@std/assert";
import { Folder } from "../config/folder.ts";
import { runProgram } from "../program.ts";

const GROUP = `databases: [{ name: a, host: 127.0.0.1, port: 1 }]
sharding:
  metadata: a
  schema: shop
  tables: { users: { key: user_id } }
  shards: [a]
`;

async function refused(config: string, files: Readonly<Record<string, string>> = {}): Promise<unknown> {
  await using folder = await Folder.make({
    "query-sniper.yaml": config,
    "credentials.yaml": "default: { user: u, password: p }\n",
    ...files,
  });
  const { code, stdout, stderr } = await runProgram(["coordinator", "-c", folder.file("query-sniper.yaml")]);
  const lines = folder.relative(stderr).trim().split("\n").filter((line) => !line.includes("warning"));
  return [code, stdout, lines];
}

Deno.test("a coordinator does not start where it could not do what is configured", async () => {
  const exec = await refused(`${GROUP}  provision: { exec: /bin/new-shard }\n`);
  assertEquals(exec, [2, "", [
    "query-sniper: exec: this program may not run it here: `coordinator` needs a permission for it, " +
    '--allow-run=/bin/new-shard, with `deno run` or in a build of your own (docs/shards.md); or use "http", which needs none',
  ]]);
  const tokens = `${GROUP}  admin: { listen: "127.0.0.1:0", tokens_file: tokens }\n`;
  assertEquals(await refused(tokens), [2, "", [
    "query-sniper: the file of tokens cannot be read: it does not exist",
  ]]);
  assertEquals(await refused(tokens, { tokens: "short\n" }), [2, "", [
    "query-sniper: a token has fewer than 16 characters: it is number 1",
  ]]);
  const tls = `${GROUP}  admin: { listen: "127.0.0.1:0", tls: { cert_file: c, key_file: k } }\n`;
  assertEquals(await refused(tls), [2, "", [
    "query-sniper: cannot serve TLS on 127.0.0.1:0: a file of sharding.admin.tls cannot be read: it does not exist",
  ]]);
  assertEquals(await refused("databases: [{ name: a, host: 127.0.0.1 }]\n"), [2, "", [
    'query-sniper: the configuration has no shards: it has no key "sharding"',
    "Run query-sniper coordinator --help for more.",
  ]]);
});
