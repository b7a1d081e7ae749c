import type { LabServer } from "../lab/mod.ts";
import { type RunningProgram, startProgram } from "../program.ts";
import { groupConfig, initGroup, letRouterIn, prepareShard, type Reply } from "./stage.ts";

/** A coordinator that runs as a program of its own. */
export interface RunningCoordinator extends AsyncDisposable {
  readonly program: RunningProgram;
  readonly address: string;
  get(path: string): Promise<Reply>;
  post(path: string, body?: unknown): Promise<Reply>;
}

/** Starts `query-sniper coordinator` and waits until it listens. */
export async function startCoordinator(
  file: string,
  options: Parameters<typeof startProgram>[1] = {},
): Promise<RunningCoordinator> {
  const program = startProgram(["coordinator", "-c", file], options);
  const { address } = await program.event("the coordinator's address", ({ event }) => event === "http");
  const ask = async (path: string, init?: RequestInit): Promise<Reply> => {
    const response = await fetch(`http://${address}${path}`, init);
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    return { status: response.status, body: isJson ? JSON.parse(text) : text };
  };
  return {
    program,
    address: String(address),
    get: (path) => ask(path),
    post: (path, body = {}) =>
      ask(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    async [Symbol.asyncDispose]() {
      await program.stop("SIGTERM");
    },
  };
}

/** Of these servers the first is a shard with all slots, and the others are empty; the router's account is on all. */
export async function startSmall([first, ...others]: readonly LabServer[]): Promise<void> {
  await prepareShard(first!);
  await initGroup([first!]);
  for (const server of others) await letRouterIn(server);
}

/** A configuration in which the first server is the only shard. */
export function smallConfig(servers: readonly LabServer[], keys: readonly string[]): string {
  const all = groupConfig(servers).split("\n").map((line) =>
    line.startsWith("  shards: [") ? "  shards: [shard-1]" : line
  ).join("\n");
  return all + ['  admin: { listen: "127.0.0.1:0" }', ...keys.map((key) => `  ${key}`)].join("\n") + "\n";
}
