import type { EndpointConfig, ShardingConfig } from "../../config/mod.ts";

/** What an account needs on some databases, in the schema of the tables. */
export interface ShardGrant {
  /** The program that has the account: `coordinator` is also who runs `shards`. */
  readonly role: "router" | "coordinator";
  /** The names of the databases. */
  readonly databases: readonly string[];
  readonly meaning: string;
  readonly privileges: readonly string[];
}

/** What statements need, and their clauses, such as ON DUPLICATE KEY UPDATE. */
const WRITES: Readonly<Record<string, readonly string[]>> = {
  insert: ["INSERT", "UPDATE"],
  replace: ["INSERT", "DELETE"],
  update: ["UPDATE"],
  delete: ["DELETE"],
};

/** The least privileges of the accounts of a group, by role and place. */
export function shardGrants(
  { metadata, shards, pool, router }: Pick<ShardingConfig, "metadata" | "shards" | "pool" | "router">,
): readonly ShardGrant[] {
  const servers = [...new Set([...shards, ...pool])];
  const apart = servers.includes(metadata) ? [] : [metadata];
  return [
    {
      role: "router",
      databases: servers,
      meaning: "run statements on the shards",
      privileges: statementPrivileges(router),
    },
    { role: "router", databases: apart, meaning: "read the map", privileges: ["SELECT"] },
    {
      role: "coordinator",
      databases: servers,
      meaning: "make shards of servers, and move rows",
      privileges: [
        ...["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "TRIGGER"],
        ...["CREATE TEMPORARY TABLES", "CREATE ROUTINE", "ALTER ROUTINE"],
      ],
    },
    {
      role: "coordinator",
      databases: apart,
      meaning: "keep the map and the journals",
      privileges: ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE"],
    },
  ].filter(({ databases }) => databases.length > 0) as readonly ShardGrant[];
}

/** What the router passes on, where another program divides the tables. */
export function endpointGrants({ name, router }: EndpointConfig): readonly ShardGrant[] {
  const privileges = statementPrivileges(router).filter((privilege) =>
    privilege !== "CREATE TEMPORARY TABLES" && privilege !== "EXECUTE"
  );
  return [{ role: "router", databases: [name], meaning: "pass statements on", privileges }];
}

function statementPrivileges({ statements }: ShardingConfig["router"]): readonly string[] {
  const writes = statements.flatMap((verb) => WRITES[verb] ?? []);
  const used = ["INSERT", "UPDATE", "DELETE"].filter((privilege) => writes.includes(privilege));
  // Each write asks the guard first, and each transaction.
  return ["SELECT", ...used, "CREATE TEMPORARY TABLES", "EXECUTE"];
}
