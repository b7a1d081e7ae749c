import { waitFor } from "../wait_for.ts";

/** The stand-in as a process of its own, which can be stopped as a real one can; an administrator is `radmin`. */
export class ProxysqlProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  /** `HOST:PORT` of its admin interface. */
  readonly address: string;

  private constructor(child: Deno.ChildProcess, address: string) {
    this.#child = child;
    this.address = address;
  }

  static async start(): Promise<ProxysqlProcess> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "--allow-all", new URL("main.ts", import.meta.url).pathname],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    let said = "";
    void child.stdout.pipeThrough(new TextDecoderStream()).pipeTo(
      new WritableStream({ write: (text) => void (said += text) }),
    ).catch(() => {});
    const address = await waitFor(
      "the stand-in",
      () => Promise.resolve(/address: "([^"]+)"/.exec(said)?.[1]),
      { timeoutMs: 30_000 },
    );
    return new ProxysqlProcess(child, address);
  }

  /** SIGSTOP: connections are still taken, by the system, and nothing is answered. */
  freeze(): void {
    this.#child.kill("SIGSTOP");
  }

  /** SIGCONT. */
  thaw(): void {
    this.#child.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.stdin.close().catch(() => {});
    await this.#child.status;
  }
}
