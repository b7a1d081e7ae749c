import { assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "@std/yaml";
import { ACCOUNTS, Client, type Flavor, requireFlavors } from "../lab/mod.ts";
import { Guard } from "../lab/guard.ts";
import { run } from "../lab/pair.ts";
import type { LabServer } from "../lab/server.ts";
import { initialize, programOf, startServer } from "../lab/start.ts";
import { ROOT } from "../program.ts";

/** What the compose file gives a server beside what every container has anyway. */
async function argumentsOf(service: string): Promise<readonly string[]> {
  const compose = parse(await Deno.readTextFile(`${ROOT}.devcontainer/compose.yaml`)) as {
    readonly services: Readonly<Record<string, { readonly command: string }>>;
  };
  return compose.services[service]!.command.split(" ");
}

/** Two servers as their images leave them: empty, and root is let in from everywhere, without a password. */
async function startEmpty(guard: Guard, flavor: Flavor): Promise<readonly [LabServer, LabServer]> {
  const program = await programOf(flavor);
  const names = [`${flavor}-primary`, `${flavor}-replica`];
  await initialize(guard, program, names);
  const [primary, replica] = await Promise.all(
    names.map(async (name, index) =>
      await startServer(guard, program, {
        name,
        serverId: index + 1,
        isReplica: false,
        extra: await argumentsOf(name),
      })
    ),
  );
  for (const server of [primary!, replica!]) {
    const nobody = { ...ACCOUNTS.root, password: "" };
    await using client = await Client.connect(server, nobody, { bySocket: true });
    await run(client, [
      "SET SESSION sql_log_bin = 0",
      "CREATE USER root@'%'",
      "GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION",
    ]);
  }
  return [primary!, replica!];
}

async function bootstrap(...args: readonly string[]): Promise<string> {
  const { code, stderr } = await new Deno.Command("bash", {
    args: [`${ROOT}.devcontainer/bootstrap.sh`, ...args],
    env: { NO_COLOR: "1" },
  }).output();
  return `${code} ${new TextDecoder().decode(stderr)}`;
}

for (const flavor of await requireFlavors()) {
  Deno.test(`.devcontainer/bootstrap.sh makes a pair of two empty ${flavor} servers`, async () => {
    const guard = await Guard.start();
    try {
      const [primary, replica] = await startEmpty(guard, flavor);
      const places = [primary, replica].map(({ host, port }) => `${host}:${port}`);
      assertEquals(await bootstrap(flavor, ...places), "0 ");
      await using source = await Client.connect(primary, ACCOUNTS.app);
      await using client = await Client.connect(replica, ACCOUNTS.app);
      const [greeting] = await client.query("SELECT value FROM test.config WHERE name = 'greeting'");
      assertEquals(greeting?.value, "hello");
      await source.query("DELETE FROM test.item WHERE id > 100");
      assertEquals(await bootstrap(flavor, ...places), "0 ", "it may be run again");
      const [count] = await client.query("SELECT COUNT(*) AS items FROM test.item");
      assertEquals(Number(count?.items), 5000, "what was missing is there again, on the replica too");
    } finally {
      await guard.stop();
    }
  });
}

Deno.test(".devcontainer/bootstrap.sh says how it is used", async () => {
  for (const args of [["oracle", "a:1", "b:2"], ["mysql", "a", "b:2"]]) {
    assertStringIncludes(await bootstrap(...args), "Usage: apply.ts mariadb|mysql");
  }
});
