import { ACCOUNTS, Client, type LabPair, type LabServer } from "../lab/mod.ts";

/** An application that reads and writes on the primary, and reads on the replica; each statement takes a moment. */
export class Load {
  /** How many statements were answered. */
  statements = 0;
  /** Writes two thousand rows a second instead of a hundred. */
  busy = false;
  readonly #pair: LabPair;
  readonly #clients: Client[] = [];
  #loops: Promise<void>[] = [];
  #stopped = false;
  #failure: unknown;

  constructor(pair: LabPair) {
    this.#pair = pair;
  }

  async start(): Promise<void> {
    const { primary, replica } = this.#pair;
    const [writer, reader, farReader] = await Promise.all([
      this.#connect(primary),
      this.#connect(primary),
      this.#connect(replica),
    ]);
    this.#loops = [
      this.#loop(writer!, () => this.busy ? [writes(80), 40] : [writes(1), 10]),
      this.#loop(reader!, () => [READ, 10]),
      this.#loop(farReader!, () => [READ, 10]),
    ];
  }

  /** Ends after the statements under way. Throws if one has failed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#loops);
    await Promise.all(this.#clients.map((client) => client.close()));
    if (this.#failure !== undefined) {
      throw new Error(`A statement of the application failed: ${(this.#failure as Error).message}`);
    }
  }

  /** Hangs up at once. */
  abandon(): void {
    this.#stopped = true;
    for (const client of this.#clients) client.destroy();
  }

  async #connect(server: LabServer): Promise<Client> {
    const options = { database: "test", multipleStatements: true };
    const client = await Client.connect(server, ACCOUNTS.app, options);
    this.#clients.push(client);
    return client;
  }

  async #loop(
    client: Client,
    next: () => readonly [statements: readonly string[], pauseMs: number],
  ): Promise<void> {
    try {
      while (!this.#stopped) {
        const [statements, pauseMs] = next();
        await client.query(statements.join("; "));
        this.statements += statements.length;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    } catch (error) {
      if (!this.#stopped) this.#failure = error;
    }
  }
}

const READ = ["SELECT value FROM config WHERE name = 'greeting'"];

function writes(count: number): readonly string[] {
  return Array.from({ length: count }, () => {
    const id = 1 + Math.floor(Math.random() * 5_000);
    return `UPDATE item SET stock = stock + 1 WHERE id = ${id}`;
  });
}
