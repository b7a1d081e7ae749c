import { join } from "node:path";
import { findPrograms, type Flavor, missingMessage, NoServerError, type Program } from "./discover.ts";
import type { Guard } from "./guard.ts";
import { type LabServer, Server, ServerStartError, tail } from "./server.ts";
import { initializeScript } from "./server_arguments.ts";
import { waitFor } from "./wait_for.ts";

const INITIALIZE_MS = 60_000;

let programs: Promise<readonly Program[]> | undefined;

/** The first usable server of each flavor on this machine. */
export function knownPrograms(): Promise<readonly Program[]> {
  programs ??= findPrograms();
  return programs;
}

/** This machine's server of a flavor; throws what to install where there is none. */
export async function programOf(flavor: Flavor): Promise<Program> {
  const known = await knownPrograms();
  const program = known.find((each) => each.flavor === flavor);
  if (!program) throw known.length === 0 ? new NoServerError() : new Error(missingMessage(flavor));
  return program;
}

/** Makes the data of each of `names`. */
export async function initialize(
  guard: Guard,
  program: Program,
  names: readonly string[],
): Promise<void> {
  const script = await initializeScript(program, guard.folder, names);
  await runScript(guard, "initialize", script);
}

/** Runs a shell script in the lab's folder to its end; throws with the end of its output when it fails. */
export async function runScript(guard: Guard, name: string, script: string): Promise<void> {
  const { folder } = guard;
  await Deno.writeTextFile(join(folder, `${name}.sh`), script);
  const pid = await guard.run(name);
  const state = await waitFor(`"${name}" of a lab to end`, async () => {
    const now = await guard.state(pid);
    return now !== "running" && now;
  }, { timeoutMs: INITIALIZE_MS });
  if (state.code === 0) return;
  const log = await Deno.readTextFile(join(folder, `${name}.log`));
  throw new Error(`"${name}" of a lab failed, exit code ${state.code}:\n${tail(log)}`);
}

/** Starts a server on a free port, on another one should somebody be faster. */
export async function startServer(
  guard: Guard,
  program: Program,
  plan: { name: string; serverId: number; isReplica: boolean; extra: readonly string[] },
): Promise<LabServer> {
  for (let attempt = 1;; attempt++) {
    const server = new Server(guard, program, { ...plan, folder: guard.folder, port: freePort() });
    try {
      await server.startOnce();
      return server;
    } catch (error) {
      if (attempt === 5 || !(error instanceof ServerStartError && error.isPortTaken)) throw error;
    }
  }
}

/**
 * A port that nobody listens on, below those that the kernel gives to outgoing connections: one of them could
 * take it while the server is down for a restart.
 */
export function freePort(): number {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    try {
      using _listener = Deno.listen({ hostname: "127.0.0.1", port });
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
