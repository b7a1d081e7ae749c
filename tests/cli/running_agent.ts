import { Folder } from "../config/folder.ts";
import type { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { waitFor } from "../lab/wait_for.ts";
import { type LoggedEvent, type ProgramOptions, type RunningProgram, startProgram } from "../program.ts";
import { CREDENTIALS } from "./proxysql.ts";

/** A stand-in, in this process or another one. */
type Reachable = Pick<ProxysqlStandIn, "address">;

/** The agent of a stand-in, while it runs. */
export class RunningAgent implements AsyncDisposable {
  readonly folder: Folder;
  readonly program: RunningProgram;
  readonly port: number;

  private constructor(folder: Folder, program: RunningProgram, port: number) {
    this.folder = folder;
    this.program = program;
    this.port = port;
  }

  /** Starts it; `more`: keys of `proxysql` beside its address. */
  static async start(
    proxy: Reachable,
    more = "",
    { args = [], rest = "", folder, ...options }: ProgramOptions & {
      readonly args?: readonly string[];
      /** More of the configuration, beside `proxysql`. */
      readonly rest?: string;
      readonly folder?: Folder;
    } = {},
  ): Promise<RunningAgent> {
    const place = folder ?? await Folder.make({ "credentials.yaml": CREDENTIALS });
    await Deno.writeTextFile(place.file("query-sniper.yaml"), `${configOf(proxy, more)}${rest}`);
    const program = startProgram(["proxysql", "run", "--log-format", "json", ...args], {
      ...options,
      cwd: place.path,
    });
    const told = await program.event("the address", ({ event }) => event === "http");
    return new RunningAgent(place, program, Number(String(told["address"]).split(":").at(-1)));
  }

  async get(path: string, method = "GET"): Promise<readonly [status: number, body: Record<string, unknown>]> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, { method });
    return [response.status, await response.json()];
  }

  /** Waits until a probe is answered with this status. */
  async until(probe: string, status: number): Promise<Record<string, unknown>> {
    return await waitFor(`${probe} to be ${status}`, async () => {
      const [now, body] = await this.get(`/healthz/${probe}`);
      return now === status ? body : undefined;
    }, { timeoutMs: 10_000 });
  }

  /** The states of events of a kind, in their order. */
  states(event: string): readonly string[] {
    return this.events(event).map(({ state }) => String(state));
  }

  events(event: string): readonly LoggedEvent[] {
    return this.program.lines.map((line) => JSON.parse(line) as LoggedEvent).filter((each) =>
      each.event === event
    );
  }

  /** What was written down: of each act its phase or outcome, and its first statement. */
  async acts(): Promise<readonly string[]> {
    const text = await Deno.readTextFile(this.folder.file("proxysql-acts.jsonl")).catch(() => "");
    return text.trim().split("\n").filter((line) => line !== "").map((line) => {
      const { phase, outcome, statements } = JSON.parse(line);
      return phase === "intent" ? statements[0] : outcome;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
    await this.folder[Symbol.asyncDispose]();
  }
}

/** A configuration of the stand-in; what `more` says is not said twice. */
export function configOf(proxy: Reachable, more: string): string {
  const given = ["interval: 1s", "timeout: 300ms", "http: { listen: 127.0.0.1:0 }"];
  return `proxysql:\n  address: "${proxy.address}"\n${
    [...given.filter((line) => !more.includes(line.split(":")[0]!)), ...more.split("\n")].map((line) =>
      `  ${line}\n`
    )
      .join("")
  }`;
}

/** What was sent that changes something. */
export const changes = (proxy: ProxysqlStandIn) =>
  proxy.statements.filter((sql) => /^(?:PROXYSQL|KILL|TRUNCATE|INSERT|DELETE|LOAD|UPDATE|REPLACE)/.test(sql));
