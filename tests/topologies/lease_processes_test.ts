// Real processes that lead by a Lease over TLS: one is frozen and wakes, and one is killed.

import { assert, assertEquals } from "@std/assert";
import { DURATION } from "../../src/proxysql/agent/leader/lease_leader.ts";
import { ApiServer } from "../lab/kubernetes/mod.ts";
import { waitFor } from "../lab/mod.ts";

const CHILD = new URL("./lease_agent.ts", import.meta.url).pathname;
/** The longest time without a leader, and what a busy machine adds. */
const SUCCESSION = DURATION + 5000 + 5000;

/** A process that writes as long as it leads. */
class Agent implements AsyncDisposable {
  /** When each of its writes arrived, in milliseconds. */
  readonly writes: number[] = [];
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  #hasEnded = false;

  constructor(server: ApiServer) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--quiet", "--no-check", CHILD, server.folder],
      env: { ...server.environment },
      stdout: "piped",
    }).spawn();
    this.#reading = this.#read();
  }

  get last(): number {
    return this.writes.at(-1) ?? -Infinity;
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async #read(): Promise<void> {
    for await (const chunk of this.#child.stdout) {
      for (const _ of chunk) this.writes.push(performance.now());
    }
  }

  async leads(time: number): Promise<void> {
    const before = this.writes.length;
    await waitFor("a leader", () => Promise.resolve(this.writes.length > before), { timeoutMs: time });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.signal("SIGKILL");
    await this.#child.status;
    await this.#reading;
  }
}

Deno.test("of two processes one writes at a time: one is frozen and wakes, and one is killed", async () => {
  await using server = await ApiServer.start();
  await using first = new Agent(server);
  await first.leads(10_000);
  await using second = new Agent(server);
  await waitFor(
    "the second one to look",
    () => Promise.resolve(server.questions.some(({ verb }) => verb === "get")),
  );

  first.signal("SIGSTOP");
  const frozen = performance.now();
  await second.leads(SUCCESSION);
  assert(performance.now() - frozen > 9000, "not before the first one must know");
  first.signal("SIGCONT");
  const thawed = performance.now();
  await waitFor("some more writes", () => Promise.resolve(second.last > thawed + 6000));
  assertEquals(first.writes.filter((at) => at > thawed), [], "who wakes writes nothing");

  await second[Symbol.asyncDispose]();
  const killed = performance.now();
  await first.leads(SUCCESSION);
  assert(performance.now() - killed > 9000);
  const [begun] = second.writes as [number];
  assertEquals(first.writes.filter((at) => at >= begun && at <= second.last), [], "while the second one led");
});
