import { Client, type LabServer } from "../../lab/mod.ts";
import { type Reply, ROUTER, type RunningRouter, startRouter, writeGroup } from "../stage.ts";
import { pause } from "./numbers.ts";

/** How long a server may take to end the statements of a client that is gone, in milliseconds. */
const LONGEST_END = 90_000;

/** A router that is killed now and then, with an account of its own. */
export class LedgerRouter implements AsyncDisposable {
  readonly #user: string;
  readonly #servers: readonly LabServer[];
  readonly #config: Awaited<ReturnType<typeof writeGroup>>;
  #running: RunningRouter | undefined;
  #gone: Promise<void> = Promise.resolve();
  #back: Promise<void> = Promise.resolve();

  private constructor(
    user: string,
    servers: readonly LabServer[],
    config: Awaited<ReturnType<typeof writeGroup>>,
  ) {
    this.#user = user;
    this.#servers = servers;
    this.#config = config;
  }

  static async start(text: string, user: string, servers: readonly LabServer[]): Promise<LedgerRouter> {
    const router = new LedgerRouter(
      user,
      servers,
      await writeGroup(text, { user, password: ROUTER.password }),
    );
    router.#running = await startRouter(router.#config.file);
    return router;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Settles once no server runs anything any more for the one that was killed last. */
  get gone(): Promise<void> {
    return this.#gone;
  }

  /** Settles once it runs again. */
  get back(): Promise<void> {
    return this.#back;
  }

  /**
   * Undefined where no answer came since it was killed: whether it was done is not known before {@linkcode gone}. Throws
   * where it ended by itself.
   */
  async ask(body: unknown): Promise<Reply | undefined> {
    const router = this.#running;
    if (router === undefined) return undefined;
    try {
      return await router.post("/query", body);
    } catch (error) {
      if (this.#running === router) {
        throw new Error(`a router does not answer: ${router.program.stderr}`, { cause: error });
      }
      return undefined;
    }
  }

  /** SIGKILL. It is started again once its statements have ended, while the other one goes on. */
  async kill(): Promise<void> {
    const router = this.#running!;
    this.#running = undefined;
    router.program.signal("SIGKILL");
    this.#gone = router.program.ended.then(() => this.#sessionsEnd());
    this.#back = this.#gone.then(async () => {
      this.#running = await startRouter(this.#config.file);
    });
    // Who waits for it is told; until then it is nobody's.
    this.#back.catch(() => {});
    await router.program.ended;
  }

  async #sessionsEnd(): Promise<void> {
    const until = performance.now() + LONGEST_END;
    for (const server of this.#servers) {
      while (await this.#hasSession(server)) {
        if (performance.now() > until) {
          throw new Error(`${server.name} does not end sessions of ${this.#user}`);
        }
        await pause(20);
      }
    }
  }

  /** A server that is down may not have written yet what it has promised. */
  async #hasSession(server: LabServer): Promise<boolean> {
    try {
      await using client = await Client.connect(server);
      return (await client.query("SHOW PROCESSLIST")).some((row) => row["User"] === this.#user);
    } catch {
      return true;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#back.catch(() => {});
    await this.#running?.[Symbol.asyncDispose]();
    await this.#config[Symbol.asyncDispose]();
  }
}

/** What came of a request. */
export interface Asked {
  readonly router: LedgerRouter;
  /** Undefined: the router was killed. */
  readonly reply: Reply | undefined;
}

/** Asks a router; where that one is down, another one, as who has the addresses of all does. */
export async function askOne(
  routers: readonly LedgerRouter[],
  first: number,
  body: unknown,
): Promise<Asked> {
  for (;;) {
    const inOrder = routers.map((_, index) => routers[(first + index) % routers.length]!);
    const router = inOrder.find(({ isRunning }) => isRunning);
    if (router !== undefined) return { router, reply: await router.ask(body) };
    await Promise.race(routers.map(({ back }) => back));
  }
}
