import type { Config, DatabaseConfig, ShardingConfig } from "../../../config/mod.ts";
import { accountOf, type Flavor, FLAVOR_NOTES, grantsFor, needsOfNames } from "../../../mysql/mod.ts";
import { endpointGrants, type ShardGrant, shardGrants } from "../../../shards/check/grants.ts";
import { quotedName } from "../../../text/sql_name.ts";
import { paragraph } from "../../table.ts";

/** What the accounts of a group of shards need on servers of a flavor; nothing where there is no group. */
export function shardSection(flavor: Flavor, { sharding, endpoint, databases }: Config): readonly string[] {
  const group = sharding ?? endpoint;
  if (group === undefined) return [];
  const grants = sharding !== undefined ? shardGrants(sharding) : endpointGrants(endpoint!);
  return [
    ...comment(`==== shards, on ${FLAVOR_NOTES[flavor].servers} ====`),
    ...comment(
      "'router' and 'coordinator' stand for the accounts of these programs, each in the credentials of its own " +
        "configuration. Where one program does more, its account needs all of that.",
    ),
    ...grants.flatMap((grant) => [
      "",
      ...block(grant, group.schema),
      ...sharding === undefined ? [] : readBlock(grant, { flavor, sharding, databases }),
    ]),
  ];
}

function block({ role, databases, meaning, privileges }: ShardGrant, schema: string): readonly string[] {
  const account = accountOf(role);
  // In the name of a schema these two stand for any characters.
  const place = `${quotedName(schema.replaceAll(/[_%]/g, "\\$&"))}.*`;
  return [
    ...comment(`${WHOSE[role]}, on ${databases.join(", ")}`),
    `-- CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY '…';`,
    ...comment(`to ${meaning}:`),
    `GRANT ${privileges.join(", ")} ON ${place} TO ${account};`,
    ...privileges.includes("TRIGGER")
      ? [
        ...comment("only where tables have foreign keys, to make them on a new shard:"),
        `-- GRANT REFERENCES ON ${place} TO ${account};`,
      ]
      : [],
  ];
}

const WHOSE = {
  router: "the account of `router`",
  coordinator: "the account of `coordinator` and `shards`",
} as const;

interface Reading {
  readonly flavor: Flavor;
  readonly sharding: ShardingConfig;
  readonly databases: readonly DatabaseConfig[];
}

/** What moves and policies ask of a server, beside its tables. */
function readBlock(
  { role, privileges, databases: names }: ShardGrant,
  { flavor, sharding: { move, growth }, databases }: Reading,
): readonly string[] {
  if (!privileges.includes("TRIGGER")) return [];
  const conditions = [
    move.pauseWhen,
    ...growth.policies.flatMap(({ when, until }) => [when, ...until === undefined ? [] : [until]]),
  ];
  const asked = conditions.flatMap((condition) => [...condition.needs]);
  const grants = new Map(
    names.flatMap((name) => {
      const heartbeat = databases.find((database) => database.name === name)?.heartbeat;
      return grantsFor({ flavor, user: role, needs: needsOfNames(asked, heartbeat), heartbeat }).map((
        { statement, meanings },
      ) => [statement, meanings] as const);
    }),
  );
  return [
    ...[...grants].flatMap(([statement, meanings]) => [
      ...comment(`for \`move.pause_when\` and policies, to ${meanings.join("; to ")}:`),
      `${statement};`,
    ]),
    ...comment(`${BINARY_LOG[flavor]}, to make triggers: SET GLOBAL log_bin_trust_function_creators = ON`),
  ];
}

const BINARY_LOG: Readonly<Record<Flavor, string>> = {
  mysql: "once on each server that has a binary log, as it has by default",
  mariadb: "once on each server that has a binary log",
};

function comment(text: string): readonly string[] {
  return paragraph(text, "-- ");
}
