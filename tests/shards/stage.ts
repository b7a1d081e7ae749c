import { assertEquals } from "@std/assert";
import { Client, type LabCluster, type LabServer, startShards } from "../lab/mod.ts";
import type { Flavor } from "../lab/mod.ts";
import { type ProgramOptions, type RunningProgram, runProgram, startProgram } from "../program.ts";
import { SHOP_TABLES } from "./shop.ts";
import { writeGroup } from "./write_group.ts";

export { writeGroup };

/** The account of the router: with no more rights than docs/shards.md says. */
export const ROUTER = { user: "router", password: "router" } as const;

/** The schema of the tables. */
export const SCHEMA = "shop";

/** The account and the tables on a shard. */
export async function prepareShard(server: LabServer): Promise<void> {
  await using root = await Client.connect(server);
  await root.query(`CREATE DATABASE ${SCHEMA}`);
  await letRouterIn(server);
  await root.query(`USE ${SCHEMA}`);
  for (const sql of SHOP_TABLES) await root.query(sql);
}

/** Gives a router its account on a server. */
export async function letRouterIn(server: LabServer, user: string = ROUTER.user): Promise<void> {
  await using root = await Client.connect(server);
  await root.query(`CREATE USER '${user}'@'%' IDENTIFIED BY '${ROUTER.password}'`);
  await root.query(
    `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE TEMPORARY TABLES, EXECUTE ON ${SCHEMA}.* TO '${user}'@'%'`,
  );
}

/** The configuration of a group. */
export function groupConfig(servers: readonly LabServer[], keys = ""): string {
  const databases = servers.map((server, index) =>
    `  - { name: shard-${index + 1}, host: ${server.host}, port: ${server.port} }`
  );
  return [
    "databases:",
    ...databases,
    "sharding:",
    "  mode: enforce",
    "  metadata: shard-1",
    `  schema: ${SCHEMA}`,
    "  tables:",
    "    users: { key: user_id }",
    "    orders: { key: customer_id, with: users }",
    "    products: { key: sku }",
    "    countries: { reference: true }",
    `  shards: [${servers.map((_, index) => `shard-${index + 1}`).join(", ")}]`,
    `  router: { listen: "127.0.0.1:0", ${keys}wait_for_move: 1s }`,
  ].join("\n") + "\n";
}

/** What the router says to a request. */
export interface Reply {
  readonly status: number;
  // deno-lint-ignore no-explicit-any -- JSON
  readonly body: any;
}

/** A router that runs as a program of its own. */
export interface RunningRouter extends AsyncDisposable {
  readonly program: RunningProgram;
  readonly address: string;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  /** One statement. */
  query(query: string, params?: readonly unknown[]): Promise<Reply>;
}

/** Starts `query-sniper router` and waits until it listens. */
export async function startRouter(file: string, options: ProgramOptions = {}): Promise<RunningRouter> {
  const program = startProgram(["router", "-c", file], options);
  const line = await program.line("the router's address", (line) => line.startsWith("router: http://"));
  const address = /http:\/\/[^,]+/.exec(line)![0];
  const post = async (path: string, body: unknown, headers = {}): Promise<Reply> => {
    const response = await fetch(`${address}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  return {
    program,
    address,
    post,
    query: (query, params) => post("/query", { query, ...params && { params } }),
    async [Symbol.asyncDispose]() {
      await program.stop("SIGTERM");
    },
  };
}

/** Shards with their slots, made by `shards init`. */
export async function startGroup(flavor: Flavor, count: number): Promise<LabCluster> {
  const cluster = await startShards(flavor, count);
  try {
    await Promise.all(cluster.servers.map(prepareShard));
    await initGroup(cluster.servers);
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** Gives shards their slots. */
export async function initGroup(servers: readonly LabServer[]): Promise<void> {
  await using config = await writeGroup(groupConfig(servers), { user: "root", password: "root" });
  const { code, stderr } = await runProgram(["shards", "init", "-c", config.file]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
}
