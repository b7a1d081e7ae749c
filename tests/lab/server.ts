import { join } from "node:path";
import type { Flavor, Program } from "./discover.ts";
import type { Guard } from "./guard.ts";
import { serverCommand, type ServerPlan, shellLine, socketPath } from "./server_arguments.ts";
import { waitFor } from "./wait_for.ts";

const START_MS = 60_000;
const STOP_MS = 60_000;
const LOG_LINES = 25;

/** One running server of a lab. */
export interface LabServer {
  /** For instance "mariadb-primary". */
  readonly name: string;
  readonly flavor: Flavor;
  readonly version: string;
  readonly host: "127.0.0.1";
  readonly port: number;
  readonly socket: string;
  /** The id of the server's process; undefined while it is down. */
  readonly pid: number | undefined;
  /** The path of the server's error log. */
  readonly log: string;
  /** Shuts down in the proper way. Nothing to do when it is down already. */
  stop(): Promise<void>;
  /** Starts it again, on the same port and data. Throws with the end of its error log when it does not come up. */
  start(): Promise<void>;
  /** SIGKILL: the server is gone without having closed anything. */
  kill(): Promise<void>;
  /** SIGSTOP: the server keeps its connections, but does not answer. Returns when all its threads stand still. */
  pause(): void;
  /** SIGCONT: goes on after {@linkcode pause}. */
  resume(): void;
}

/** A server that did not come up, with the end of its error log. */
export class ServerStartError extends Error {
  override readonly name = "ServerStartError";
  /** Whether another process has taken the port. */
  readonly isPortTaken: boolean;
  constructor(message: string, log: string) {
    super(`${message}:\n${tail(log)}`);
    this.isPortTaken = /address already in use/i.test(log);
  }
}

/** The end of an error log. */
export function tail(log: string): string {
  return log.trimEnd().split("\n").slice(-LOG_LINES).join("\n");
}

/** The LabServer that the guard runs. */
export class Server implements LabServer {
  readonly name: string;
  readonly flavor: Flavor;
  readonly version: string;
  readonly host = "127.0.0.1";
  readonly port: number;
  readonly socket: string;
  readonly log: string;
  readonly #guard: Guard;
  readonly #plan: ServerPlan;
  readonly #program: Program;
  #pid: number | undefined;

  constructor(guard: Guard, program: Program, plan: ServerPlan) {
    this.#guard = guard;
    this.#plan = plan;
    this.#program = program;
    this.name = plan.name;
    this.flavor = program.flavor;
    this.version = program.version;
    this.port = plan.port;
    this.socket = socketPath(plan.folder, plan.name);
    this.log = join(plan.folder, `${plan.name}.log`);
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  async start(): Promise<void> {
    if (await this.#isRunning()) throw new Error(`Cannot start "${this.name}": it is running`);
    // Sooner or later somebody else has this very port for a moment.
    for (let attempt = 1;; attempt++) {
      try {
        return await this.startOnce();
      } catch (error) {
        if (attempt === 10 || !(error instanceof ServerStartError && error.isPortTaken)) throw error;
      }
    }
  }

  /** Like {@linkcode start}, but throws at once when the port is taken. */
  async startOnce(): Promise<void> {
    const script = `exec ${shellLine(serverCommand(this.#program, this.#plan))}\n`;
    await Deno.writeTextFile(join(this.#plan.folder, `${this.name}.sh`), script);
    const logged = (await this.#readLog()).length;
    const pid = await this.#guard.run(this.name);
    this.#pid = pid;
    try {
      await waitFor(`"${this.name}" to start`, async () => {
        const state = await this.#guard.state(pid);
        if (state === "running") return await greets(this.socket);
        throw new Error(`"${this.name}" did not start: exit code ${state.code}`);
      }, { timeoutMs: START_MS });
    } catch (error) {
      await this.kill();
      throw new ServerStartError(messageOf(error), (await this.#readLog()).slice(logged));
    }
  }

  async stop(): Promise<void> {
    this.resume(); // a paused server would not hear SIGTERM
    await this.#end("SIGTERM");
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  pause(): void {
    this.#signal("SIGSTOP");
    if (this.#pid !== undefined) awaitStopped(this.#pid);
  }

  resume(): void {
    this.#signal("SIGCONT");
  }

  async #end(signal: Deno.Signal): Promise<void> {
    if (!await this.#isRunning()) return;
    this.#signal(signal);
    try {
      const isDown = async () => !await this.#isRunning();
      await waitFor(`"${this.name}" to end after ${signal}`, isDown, { timeoutMs: STOP_MS });
    } catch (error) {
      throw new Error(`${messageOf(error)}\n${tail(await this.#readLog())}`);
    }
  }

  /** Also notices a server that has ended by itself. */
  async #isRunning(): Promise<boolean> {
    if (this.#pid === undefined) return false;
    if ((await this.#guard.state(this.#pid)) === "running") return true;
    this.#pid = undefined;
    return false;
  }

  #signal(signal: Deno.Signal): void {
    if (this.#pid === undefined) return;
    try {
      Deno.kill(this.#pid, signal);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // it has ended by itself
    }
  }

  async #readLog(): Promise<string> {
    return await Deno.readTextFile(this.log).catch(() => "");
  }
}

/** A thread that is on a processor goes on for a moment after SIGSTOP, long enough to answer a query. */
function awaitStopped(pid: number): void {
  const deadline = performance.now() + 1_000;
  while (performance.now() < deadline && !isStopped(pid));
}

function isStopped(pid: number): boolean {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/task`)].every(({ name }) => {
      // The state comes after the name, which is in parentheses and may hold anything.
      return /\) [TtZX] /.test(Deno.readTextFileSync(`/proc/${pid}/task/${name}/stat`));
    });
  } catch {
    return true; // it has ended, or this system has no /proc
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether a server greets on its socket: nobody else can, while its port may be another server's. */
async function greets(socket: string): Promise<boolean> {
  try {
    using connection = await Deno.connect({ transport: "unix", path: socket });
    const packet = new Uint8Array(5);
    const length = await connection.read(packet);
    return length === 5 && packet[4] === 10; // the version of the protocol; 255 would be an error
  } catch {
    return false;
  }
}
