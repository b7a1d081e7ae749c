import type { ShardedTable, ShardingConfig } from "../../config/mod.ts";
import { type ColumnRow, keyTypeOf } from "../schema/columns.ts";
import type { ForeignKey, ShardFacts } from "./facts.ts";

/** Something that keeps a shard from being part of the group. */
export interface Finding {
  /** What is wrong, and where. */
  readonly problem: string;
  /** What helps: a statement where there is one. */
  readonly help: string;
}

/** What is wrong with one shard by itself. */
export function findingsOf(facts: ShardFacts, sharding: ShardingConfig): readonly Finding[] {
  const found = [
    ...sharding.tables.flatMap((table) => tableFindings(table, facts, sharding)),
    ...strangerFindings(facts, sharding),
  ];
  if (facts.noTemporary !== undefined) {
    found.push({
      problem: `temporary tables cannot be made, which merges need: ${facts.noTemporary}`,
      help: `GRANT CREATE TEMPORARY TABLES ON ${sharding.schema}.* TO the account of the router`,
    });
  }
  if (!["0", "OFF"].includes(facts.settings["read_only"]!)) {
    found.push({
      problem: "the server is read-only",
      help: "name its primary, or SET GLOBAL read_only = OFF",
    });
  }
  return found;
}

function tableFindings(table: ShardedTable, facts: ShardFacts, sharding: ShardingConfig): Finding[] {
  const { name, key } = table;
  const kind = facts.tables.get(name);
  const columns = facts.columns.filter((column) => column.table === name);
  if (kind === undefined || columns.length === 0) {
    return [{
      problem: `there is no table "${name}" in "${sharding.schema}"`,
      help: "create it as it is on the other shards",
    }];
  }
  const found: Finding[] = [];
  if (kind.type !== "BASE TABLE") {
    found.push({ problem: `"${name}" is no plain table: ${kind.type}`, help: "name the tables behind it" });
  } else if (kind.engine.toLowerCase() !== "innodb") {
    found.push({
      problem: `"${name}" has no transactions: its engine is ${kind.engine}`,
      help: `ALTER TABLE ${name} ENGINE = InnoDB`,
    });
  }
  for (const trigger of facts.triggers.filter(({ table }) => table === name)) {
    found.push({
      problem: `"${name}" has a trigger, which may write what the router does not know of: "${trigger.name}"`,
      help: `DROP TRIGGER ${trigger.name}`,
    });
  }
  found.push(...foreignKeyFindings(table, facts, sharding));
  if (key === undefined) return found;
  return [
    ...found,
    ...keyFindings({ name, key }, { columns, facts }),
    ...groupFindings(table, facts, sharding),
  ];
}

/** Tables that are divided alike have keys of one kind: else equal ones would not be compared as such. */
function groupFindings(
  { name, key, group }: ShardedTable,
  { columns }: ShardFacts,
  { tables }: ShardingConfig,
): readonly Finding[] {
  const kindOf = (table: string, key: string | undefined) => {
    const column = columns.find((each) =>
      each.table === table && each.name.toLowerCase() === key?.toLowerCase()
    );
    const type = column && keyTypeOf(column);
    return typeof type === "object" ? `${type.family} ${column?.collation ?? ""}` : undefined;
  };
  const [own, first] = [kindOf(name, key), kindOf(group, tables.find((table) => table.name === group)?.key)];
  if (own === undefined || first === undefined || own === first) return [];
  return [{
    problem:
      `"${name}.${key}" and the key of "${group}", with which it is divided alike, are of different kinds: ${own} and ${first}`,
    help: `give both the same type and collation, or leave out with: ${group}`,
  }];
}

function foreignKeyFindings(
  table: ShardedTable,
  facts: ShardFacts,
  { tables }: ShardingConfig,
): readonly Finding[] {
  return facts.foreignKeys.filter(({ table: own }) => own === table.name).flatMap((foreign) => {
    const help = `ALTER TABLE ${foreign.table} DROP FOREIGN KEY ${foreign.name}`;
    const other = tables.find(({ name }) => name === foreign.references);
    const isNear = other !== undefined && (other.key === undefined || areTogether(table, other, foreign));
    const words = `"${foreign.table}" has a foreign key "${foreign.name}"`;
    if (!isNear) {
      return [{ problem: `${words} to rows that may be on another shard: "${foreign.references}"`, help }];
    }
    const rules = [foreign.onUpdate, foreign.onDelete];
    return rules.every((rule) => rule === "RESTRICT" || rule === "NO ACTION") ? [] : [{
      problem:
        `${words} that changes rows by itself: ON UPDATE ${foreign.onUpdate}, ON DELETE ${foreign.onDelete}`,
      help,
    }];
  });
}

/** Whether what a foreign key refers to is on the shard of the row itself: the keys of both tables are paired in it. */
function areTogether(table: ShardedTable, other: ShardedTable, { pairs }: ForeignKey): boolean {
  const [own, theirs] = [table.key?.toLowerCase(), other.key?.toLowerCase()];
  return other.group === table.group && pairs.some((pair) => pair[0] === own && pair[1] === theirs);
}

/** Foreign keys of tables that no key divides, to rows that move: they would stay behind. */
function strangerFindings({ foreignKeys }: ShardFacts, { tables }: ShardingConfig): readonly Finding[] {
  return foreignKeys
    .filter(({ table, references }) =>
      !tables.some(({ name }) => name === table) &&
      tables.some(({ name, key }) => name === references && key !== undefined)
    )
    .map(({ table, name, references }) => ({
      problem:
        `"${table}", which is not in sharding.tables, has a foreign key "${name}" to rows that move: "${references}"`,
      help: `name "${table}" in sharding.tables, or ALTER TABLE ${table} DROP FOREIGN KEY ${name}`,
    }));
}

function keyFindings(
  { name, key }: { readonly name: string; readonly key: string },
  { columns, facts }: { readonly columns: readonly ColumnRow[]; readonly facts: ShardFacts },
): readonly Finding[] {
  const column = columns.find((column) => column.name.toLowerCase() === key.toLowerCase());
  if (column === undefined) {
    return [{ problem: `"${name}" has no column "${key}"`, help: "name the right one as its key" }];
  }
  const found: Finding[] = [];
  const type = keyTypeOf(column);
  if (typeof type === "string") {
    const isCollation = type.startsWith("its collation");
    found.push({
      problem: `"${name}.${key}" cannot be a shard key: ${type}`,
      help: isCollation
        ? `ALTER TABLE ${name} MODIFY ${key} ${column.columnType} CHARACTER SET ${column.charset} COLLATE ${column.charset}_bin NOT NULL`
        : "choose another key",
    });
  }
  if (column.nullable) {
    found.push({
      problem: `"${name}.${key}" can be NULL`,
      help: `ALTER TABLE ${name} MODIFY ${key} ${column.columnType} NOT NULL`,
    });
  }
  const own = facts.indexes.filter(({ table }) => table === name);
  if (!own.some(({ name }) => name === "PRIMARY")) {
    found.push({
      problem: `"${name}" has no primary key`,
      help: `ALTER TABLE ${name} ADD PRIMARY KEY (${key}, …)`,
    });
  }
  for (const index of own.filter(({ columns }) => !columns.includes(key.toLowerCase()))) {
    // In place of its beginning.
    const rest = index.columns.filter((column) => !column.startsWith(`${key.toLowerCase()}(`));
    const isPrimary = index.name === "PRIMARY";
    found.push({
      problem:
        `"${name}" has a unique index without its shard key, so that a value may be on two shards: "${index.name}" (${
          index.columns.join(", ")
        })`,
      help: isPrimary
        ? `ALTER TABLE ${name} DROP PRIMARY KEY, ADD PRIMARY KEY (${[key, ...rest].join(", ")})`
        : `ALTER TABLE ${name} DROP INDEX ${index.name}, ADD UNIQUE ${index.name} (${
          [key, ...rest].join(", ")
        })`,
    });
  }
  return found;
}

/** In what a shard differs from the first one. */
export function differencesOf(
  facts: ShardFacts,
  first: ShardFacts,
  { tables }: ShardingConfig,
): readonly Finding[] {
  const found: Finding[] = [];
  for (const { name } of tables) {
    const [own, other] = [signature(facts, name), signature(first, name)];
    if (own === other || own === "" || other === "") continue;
    found.push({
      problem: `"${name}" differs from that of the first shard: ${differing(own, other)}`,
      help: `compare SHOW CREATE TABLE ${name} on both`,
    });
  }
  for (const [setting, value] of Object.entries(facts.settings)) {
    if (setting === "read_only" || value === first.settings[setting]) continue;
    found.push({
      problem: `${setting} is ${value}, and on the first shard ${first.settings[setting]}`,
      help: "give all shards the same",
    });
  }
  return found;
}

/** The columns and unique indexes of a table, alike for servers that only write them differently. */
function signature({ columns, indexes }: ShardFacts, table: string): string {
  const lines = columns.filter((column) => column.table === table).map(
    ({ name, columnType, collation, nullable, extra }) => {
      const type = columnType.replace(/\b((?:tiny|small|medium|big)?int|year)\(\d+\)/, "$1");
      const own = extra.replace("default_generated", "").replace("current_timestamp()", "current_timestamp")
        .trim();
      return `${name} ${type} ${(collation ?? "").replace(/^utf8_/, "utf8mb3_")} ${
        nullable ? "null" : "not null"
      } ${own}`.trim();
    },
  );
  const unique = indexes.filter((index) => index.table === table).map(({ name, columns }) =>
    `${name} (${columns.join(", ")})`
  );
  return [...lines, ...unique.toSorted()].join("\n");
}

function differing(own: string, other: string): string {
  const [mine, theirs] = [own.split("\n"), other.split("\n")];
  const at = mine.findIndex((line, index) => line !== theirs[index]);
  const place = at < 0 ? mine.length : at;
  return `"${mine[place] ?? "nothing"}" there "${theirs[place] ?? "nothing"}"`;
}
