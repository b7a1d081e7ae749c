import { didYouMean, quoted } from "../text/nearest.ts";
import { isWrong, type Path, type Problems } from "../yaml/mod.ts";
import { compileExpression, type Expression, type Vocabulary } from "../language/mod.ts";
import type { EndpointConfig, RouterConfig, ShardedTable, ShardingConfig } from "./config.ts";
import { readAdmin, readProvision, readStandbys } from "./provision.ts";
import { type GrowthReading, readGrowth } from "./shard_policies.ts";
import { moveKeys, routerKeys, type WrittenSharding } from "./sharding_keys.ts";

/** What reading the group needs. */
export interface ShardingReading extends GrowthReading {
  readonly warnings: Problems;
  /** What can be asked of a database. */
  readonly databaseVocabulary: Vocabulary;
  /** Resolves the name of a file. */
  placed(file: string): string;
}

/** Reads how tables are divided among shards; undefined where something is wrong, which is reported. */
export function readSharding(
  written: WrittenSharding | undefined,
  reading: ShardingReading,
): ShardingConfig | undefined {
  if (written === undefined || written.engine === "endpoint") return undefined;
  const { problems } = reading;
  for (const key of SLOTS_KEYS) {
    if (!Object.hasOwn(written, key)) problems.report(["sharding"], `a key is missing: "${key}"`);
  }
  if (Object.hasOwn(written, "endpoint")) {
    problems.report(["sharding", "endpoint"], 'only with "engine: endpoint" is there one');
  }
  const shards = (written.shards ?? []).filter((name) => name !== undefined);
  checkName(written.metadata, ["sharding", "metadata"], reading);
  for (const [index, name] of shards.entries()) {
    checkName(name, ["sharding", "shards", index], reading);
    if (shards.indexOf(name) < index) {
      problems.report(["sharding", "shards", index], `this shard is named twice: ${quoted(name)}`);
    }
  }
  const tables = readTables(written, problems);
  const growth = readGrowth(written, reading);
  const pool = readStandbys(written.pool, shards, reading);
  const provision = readProvision(written.provision, reading);
  const admin = readAdmin(written.admin, reading);
  const { metadata, schema, move = {} } = written;
  const pauseWhen = readPause(move.pause_when ?? moveKeys.pause_when.default, reading);
  if (
    metadata === undefined || schema === undefined || tables === undefined || shards.length === 0 ||
    pauseWhen === undefined
  ) {
    return undefined;
  }
  return {
    mode: written.mode ?? "dry-run",
    metadata,
    schema,
    tables,
    shards,
    pool,
    ...provision && { provision },
    admin,
    router: readRouter(written, reading),
    move: {
      chunk: move.chunk ?? moveKeys.chunk.default,
      pauseWhen,
      freeze: move.freeze ?? moveKeys.freeze.default,
      keepOld: move.keep_old ?? moveKeys.keep_old.default,
    },
    growth,
  };
}

/** The keys without which slots are nothing, and that mean nothing where another program divides the tables. */
const SLOTS_KEYS = ["metadata", "tables", "shards"] as const;

/** Reads what stands in front of a program that divides tables itself; undefined where there is none, or it is wrong. */
export function readEndpoint(
  written: WrittenSharding | undefined,
  reading: ShardingReading,
): EndpointConfig | undefined {
  if (written?.engine !== "endpoint") return undefined;
  const { problems } = reading;
  for (const key of [...SLOTS_KEYS, "slots"]) {
    if (!Object.hasOwn(written, key)) continue;
    problems.report(
      ["sharding", key],
      '"engine: endpoint" has none: what is behind it divides the tables',
      "key",
    );
  }
  const { endpoint, schema } = written;
  if (!Object.hasOwn(written, "endpoint")) {
    problems.report(["sharding"], 'a key is missing: "endpoint", the database that divides the tables');
  }
  checkName(endpoint, ["sharding", "endpoint"], reading);
  const provision = readProvision(written.provision, reading);
  if (endpoint === undefined || schema === undefined) return undefined;
  return {
    mode: written.mode ?? "dry-run",
    name: endpoint,
    schema,
    ...provision && { provision },
    router: readRouter(written, reading),
  };
}

function readRouter({ router = {} }: WrittenSharding, { placed }: ShardingReading): RouterConfig {
  return {
    listen: router.listen ?? routerKeys.listen.default,
    isWritten: router.listen !== undefined,
    ...router.tokens_file !== undefined && { tokensFile: placed(router.tokens_file) },
    statements: (router.statements ?? routerKeys.statements.default).filter((verb) => verb !== undefined),
    timeout: router.timeout ?? routerKeys.timeout.default,
    waitForMove: router.wait_for_move ?? routerKeys.wait_for_move.default,
    rows: router.rows ?? routerKeys.rows.default,
    connections: router.connections ?? routerKeys.connections.default,
  };
}

/** Limits and metrics are those of one database; a move asks two of them. */
function readPause(
  source: string,
  { problems, databaseVocabulary: vocabulary }: ShardingReading,
): Expression | undefined {
  const compiled = compileExpression(source, {
    vocabulary,
    scope: "database",
    limits: new Map(),
    metrics: new Set(),
  });
  if (compiled.ok) return compiled.expression;
  for (const { offset, message } of compiled.problems) {
    problems.report(["sharding", "move", "pause_when"], message, { offset });
  }
}

function checkName(name: string | undefined, path: Path, { problems, databases }: ShardingReading): void {
  if (name === undefined || databases === undefined || databases.includes(name)) return;
  problems.report(path, `no database has this name: ${quoted(name)}${didYouMean(name, databases, '"')}`);
}

function readTables(written: WrittenSharding, problems: Problems): readonly ShardedTable[] | undefined {
  if (written.tables === undefined || isWrong(written, "tables")) return undefined;
  const tables: ShardedTable[] = [];
  for (const [name, table] of written.tables) {
    const path = ["sharding", "tables", name];
    if (table === undefined) continue;
    if (!/^[A-Za-z_]\w*$/.test(name) || /^qs_/i.test(name)) {
      problems.report(path, `this name of a table is not supported: ${quoted(name)}`, "key");
    }
    if (table.key !== undefined && table.reference !== undefined) {
      problems.report(
        path,
        '"key" and "reference" exclude each other: a table is divided, or whole on every shard',
      );
    }
    if (table.with !== undefined) checkWith(written, table.with, { path: [...path, "with"], name, problems });
    tables.push({ name, ...table.key !== undefined && { key: table.key }, group: table.with ?? name });
  }
  return tables;
}

function checkWith(
  { tables }: WrittenSharding,
  other: string,
  { path, name, problems }: { readonly path: Path; readonly name: string; readonly problems: Problems },
): void {
  const found = tables!.get(other);
  const sharded = [...tables!].flatMap(([each, table]) =>
    each !== name && table?.key !== undefined ? [each] : []
  );
  if (!sharded.includes(other)) {
    problems.report(
      path,
      `no other table with a key has this name: ${quoted(other)}${didYouMean(other, sharded, '"')}`,
    );
  } else if (found?.with !== undefined) {
    problems.report(path, `name the table that this one is with itself: "${found.with}"`);
  }
}
