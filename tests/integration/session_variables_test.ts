import { assert, assertEquals } from "@std/assert";
import { connect, connectAside, disconnect, SESSION_VARIABLES } from "../../src/mysql/mod.ts";
import type { Connection, ConnectionTarget } from "../../src/connection/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { ACCOUNTS, Client, type LabServer } from "../lab/mod.ts";
import { HOSTILE, OF_SESSIONS_ONLY, withSettings } from "./hostile_settings.ts";
import { type Case, onEachFlavor } from "./fixture.ts";

function targetOf({ host, port }: LabServer): ConnectionTarget {
  const { user, password } = ACCOUNTS.sniper;
  return {
    address: { host, port },
    tls: { mode: "preferred" },
    account: { user, password: new Secret(password) },
  };
}

/** What a session says of these variables; those that the server does not know are left out. */
async function valuesOf(
  ask: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>,
  names: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const [row = {}] = await ask(`SELECT ${names.map((name) => `@@SESSION.${name} AS ${name}`).join(", ")}`);
  return row;
}

// What that changes is tried in tests/topologies/hostile_settings_test.ts.
const CASES: readonly Case[] = [
  [
    "each session variable of the table is stated on every connection, whatever the server's is",
    async ({ flavor, primary }) => {
      await using hostile = await withSettings(primary, HOSTILE[flavor]);
      const known = await hostile.root.query("SHOW VARIABLES");
      const names = new Set(known.map((row) => String(row["Variable_name"])));
      const stated = SESSION_VARIABLES.filter(({ name }) => names.has(name));
      const missing = stated.filter(({ name }) =>
        !(name in HOSTILE[flavor]) && !OF_SESSIONS_ONLY.includes(name)
      );
      assertEquals(missing.map(({ name }) => name), [], "a variable without a hostile value is not tested");
      const checked = Object.keys(HOSTILE[flavor]);
      await using plain = await Client.connect(primary, ACCOUNTS.app);
      // A server that limits how long and how much may be asked, limits this one, too.
      await plain.query(
        flavor === "mysql"
          ? "SET max_execution_time = 0"
          : "SET max_session_mem_used = 1000000000, max_statement_time = 0",
      );
      const inherited = await valuesOf((sql) => plain.query(sql), checked);
      const server = await connect(targetOf(primary), { armed: true, idle: 7000 });
      const aside = await connectAside(targetOf(primary));
      const connections: Readonly<Record<string, Connection>> = {
        watching: server.watching,
        killing: server.killing!,
        aside: aside.connection,
      };
      for (const [what, connection] of Object.entries(connections)) {
        const found = await valuesOf((sql) => connection.query(sql), checked);
        const same = checked.filter((name) =>
          found[name] === inherited[name] &&
          // What this test, or its driver, has set for itself.
          !/^(max_(execution_time|session_mem_used|statement_time)|character_set_.*|collation_connection)$/
            .test(
              name,
            ) &&
          !(what === "aside" && name.endsWith("_read_only"))
        );
        assertEquals(same, [], what);
        for (const { name, value, check } of stated.filter(({ name }) => checked.includes(name))) {
          if (value === undefined || check === "none") continue;
          const text = String(found[name]).toLowerCase();
          const wanted = String(value).toLowerCase();
          const isIt = typeof value === "number" && text !== "" ? Number(text) === value : text === wanted;
          assert(
            isIt || (check === "parts" && wanted.split(",").every((part) => text.includes(part))),
            `${what}: ${name} is ${text}`,
          );
        }
        const readOnly = flavor === "mysql" ? "transaction_read_only" : "tx_read_only";
        assertEquals([found["wait_timeout"], found[readOnly]], [
          what === "watching" ? 7 : 86_400,
          Number(what === "aside"),
        ]);
      }
      await Promise.all([disconnect(server), aside.connection.close()]);
    },
  ],
];

await onEachFlavor("Nothing is inherited", CASES, { alone: true });
