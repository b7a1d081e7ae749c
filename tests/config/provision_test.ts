import { assertEquals } from "@std/assert";
import { execFault, loadConfig } from "../../src/config/mod.ts";
import { formatWarning } from "../../src/yaml/mod.ts";
import { runProgram } from "../program.ts";
import { Folder, IF_PRESENT } from "./folder.ts";

const GROUP = `databases: [{ name: a, host: db1 }, { name: b, host: db2 }]
sharding:
  metadata: a
  schema: shop
  tables: { users: { key: user_id } }
  shards: [a]
`;

async function read(more: string) {
  await using folder = await Folder.make({ "query-sniper.yaml": GROUP + more });
  const { config: { sharding }, warnings } = await loadConfig(folder.file("query-sniper.yaml"), IF_PRESENT);
  return {
    sharding: sharding!,
    file: (name: string) => folder.file(name),
    warnings: warnings.filter(({ path }) => path.startsWith("sharding")).map((warning) =>
      formatWarning(warning).replace(/^.*yaml:/, "")
    ),
  };
}

Deno.test("without a word about it no server is added, and the coordinator is for this host", async () => {
  const { sharding: { pool, provision, admin } } = await read("");
  assertEquals([pool, provision], [[], undefined]);
  assertEquals(admin, { listen: { host: "127.0.0.1", port: 9090 }, isWritten: false, hosts: [] });
});

Deno.test("what makes servers is read, with its files beside the configuration", async () => {
  const { sharding: { pool, provision, admin }, file, warnings } = await read(
    "  pool: [b]\n" +
      '  provision: { http: "https://servers.example/shards", token_file: t, timeout: 5m, destroy: when-drained }\n' +
      '  admin: { listen: "127.0.0.1:0", tokens_file: tokens }\n',
  );
  assertEquals(pool, ["b"]);
  assertEquals(provision, {
    kind: "http",
    url: "https://servers.example/shards",
    timeout: 300_000,
    destroy: "when-drained",
    tokenFile: file("t"),
  });
  assertEquals(admin, {
    ...{ listen: { host: "127.0.0.1", port: 0 }, isWritten: true, hosts: [] },
    tokensFile: file("tokens"),
  });
  assertEquals(warnings, []);
});

Deno.test("a service that is asked without a token is warned of; addresses with secrets are refused and not shown", async () => {
  const { warnings } = await read('  provision: { http: "http://127.0.0.1:7000/" }\n');
  assertEquals(warnings, [
    "7:14: sharding.provision: warning: anybody who can reach this service can make servers there: it is asked without a token",
  ]);
  for (
    const url of ["https://u:secret@h/", "https://h/?key=secret", "http://10.0.0.1/", "ftp://127.0.0.1/"]
  ) {
    const error = await read(`  provision: { http: "${url}" }\n`).catch((error) => error);
    assertEquals(String(error).includes("which is not shown"), true, url);
    assertEquals(String(error).includes("secret"), false, url);
  }
});

Deno.test("a program that may not be run is warned of, with what helps, and nobody is asked", async () => {
  await using folder = await Folder.make({
    "query-sniper.yaml": `${GROUP}  provision: { exec: /bin/new-shard }\n`,
  });
  const { code, stderr } = await runProgram(["validate-config", folder.file("query-sniper.yaml")]);
  const found = stderr.split("\n").find((line) => line.includes("sharding.provision.exec"));
  assertEquals(
    found?.replace(/^.*yaml:/, ""),
    "7:22: sharding.provision.exec: warning: this program may not run it here: `coordinator` needs a permission for it, " +
      '--allow-run=/bin/new-shard, with `deno run` or in a build of your own (docs/shards.md); or use "http", which needs none',
  );
  assertEquals(code, 0);
  // The tests themselves may run everything.
  assertEquals(execFault("/bin/new-shard"), undefined);
});

Deno.test("the example of a group that grows is valid", async () => {
  const { code, stderr } = await runProgram(["validate-config", "config/deploy/shards/query-sniper.yaml"]);
  assertEquals([code, stderr.split("\n").filter((line) => line !== "" && !line.includes("credentials"))], [
    0,
    [],
  ]);
});
