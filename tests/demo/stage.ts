// What the demonstration plays on: two servers, the real program that watches them, people who query them, and an
// application that is busy on both.

import { join } from "node:path";
import type { Event } from "../../src/journal/mod.ts";
import { type Account, ACCOUNTS, Client, type LabPair, type LabServer, waitFor } from "../lab/mod.ts";
import { type ProgramResult, type RunningProgram, startProgram } from "../program.ts";

/** Who is in the demonstration besides the application. */
export const PEOPLE = {
  analyst: { user: "analyst", password: "analyst" },
  backup: { user: "backup", password: "backup" },
} as const satisfies Record<string, Account>;

/** Limits of the configuration, for the demonstration's own look at them: s, entries, ms. */
export const LIMITS = { lag: 2, history: 5_000, queryTime: 1_000 } as const;

/** The events with this name. */
export type EventOf<N extends Event["event"]> = Extract<Event, { readonly event: N }>;

/** How a statement ended for its client. */
export interface Ending {
  /** When, by `performance.now()`. */
  readonly at: number;
  readonly rows: number;
  readonly error?: { readonly errno: number; readonly message: string };
}

/** A statement under way. */
export interface Running {
  /** The id of its connection. */
  readonly id: number;
  readonly startedAt: number;
  /** Never rejects: an error is an ending too. */
  readonly ended: Promise<Ending>;
}

/** Sends a statement and takes the time. */
export function start(client: Client, sql: string): Running {
  const ended = client.query(sql).then(
    (rows): Ending => ({ at: performance.now(), rows: rows.length }),
    (error): Ending => {
      const { errno = 0, message } = error as { readonly errno?: number; readonly message: string };
      return { at: performance.now(), rows: 0, error: { errno, message } };
    },
  );
  return { id: client.id, startedAt: performance.now(), ended };
}

/** Prepares accounts and files on a pair, and connects. `hear` is told every event of the program. */
export async function openStage(pair: LabPair, hear: (event: Event) => void): Promise<Stage> {
  const primary = await Client.connect(pair.primary);
  for (const { user, password } of Object.values(PEOPLE)) {
    await primary.query(`CREATE USER ${user}@'%' IDENTIFIED BY '${password}'`);
    await primary.query(`GRANT SELECT ON test.* TO ${user}@'%'`);
  }
  const replica = await Client.connect(pair.replica);
  const file = join(pair.folder, "query-sniper.yaml");
  await Deno.writeTextFile(file, configText(pair));
  await Deno.writeTextFile(join(pair.folder, "credentials.yaml"), CREDENTIALS, { mode: 0o600 });
  return new Stage(pair, { primary, replica }, { file, hear });
}

const CREDENTIALS = `default: { user: ${ACCOUNTS.sniper.user}, password: ${ACCOUNTS.sniper.password} }\n`;

function configText({ primary, replica }: LabPair): string {
  return `mode: enforce                   # default: dry-run, decide and log only
credentials: credentials.yaml   # user ${ACCOUNTS.sniper.user}, password ***, file mode 0600
interval: 200ms
limits: { lag: 2s, hll: 5k, query_time: 1s }
policies:
  - name: impacted
    when:  lag > limits.lag or hll > limits.hll                # the gate
    where: running and verb = 'select' and time > limits.query_time
    then:  kill query
protect: ["user = '${PEOPLE.backup.user}'"]
databases:
  - { name: primary, host: ${primary.host}, port: ${primary.port} }
  - { name: replica, host: ${replica.host}, port: ${replica.port} }
`;
}

/** The servers, the program and the load, once they are there. Disposing of it ends all but the servers. */
export class Stage implements AsyncDisposable {
  readonly pair: LabPair;
  /** Root's connections, to watch with. */
  readonly root: { readonly primary: Client; readonly replica: Client };
  /** The program's configuration file. */
  readonly file: string;
  readonly load: Load;
  readonly #events: Event[] = [];
  readonly #hear: (event: Event) => void;
  #program: RunningProgram | undefined;
  #ear: ReturnType<typeof setInterval> | undefined;
  #end: ProgramResult | undefined;
  #heard = 0;

  constructor(
    pair: LabPair,
    root: Stage["root"],
    { file, hear }: { readonly file: string; readonly hear: (event: Event) => void },
  ) {
    this.pair = pair;
    this.root = root;
    this.file = file;
    this.load = new Load(pair);
    this.#hear = hear;
  }

  /** Starts Query Sniper. */
  startProgram(): void {
    this.#program = startProgram(["run", "-c", this.file, "--log-format", "json"]);
    this.#program.ended.then((end) => this.#end = end);
    this.#ear = setInterval(() => this.#listen(), 10);
  }

  /** Asks Query Sniper to stop, and returns its exit code and what it said on standard error. */
  async stopProgram(): Promise<ProgramResult> {
    clearInterval(this.#ear);
    const result = await this.#program?.stop("SIGTERM");
    this.#listen();
    return result ?? { code: 0, stdout: "", stderr: "" };
  }

  /** Waits for an event that passes the test, those already told included. */
  async event<N extends Event["event"]>(
    name: N,
    what: string,
    test: (event: EventOf<N>) => boolean,
  ): Promise<EventOf<N>> {
    return await waitFor(`the program to tell: ${what}`, () => {
      this.#listen();
      const found = this.told(name).find(test);
      if (found === undefined && this.#end !== undefined) {
        const { code, stderr } = this.#end;
        throw new Error(
          `The program ended by itself, exit code ${code}: ${stderr.trim() || "it said nothing"}`,
        );
      }
      return Promise.resolve(found);
    });
  }

  /** What the program has told so far under this name. */
  told<N extends Event["event"]>(name: N): readonly EventOf<N>[] {
    return this.#events.filter((event): event is EventOf<N> => event.event === name);
  }

  /** What the replica says it is behind, in seconds; undefined where it does not know. */
  async lag(): Promise<number | undefined> {
    const isMysql = this.pair.flavor === "mysql";
    const [row] = await this.root.replica.query(isMysql ? "SHOW REPLICA STATUS" : "SHOW ALL SLAVES STATUS");
    const behind = row?.Seconds_Behind_Source ?? row?.Seconds_Behind_Master ?? undefined;
    return behind === undefined ? undefined : Number(behind);
  }

  /** The history list length of a server. */
  async history(name: keyof Stage["root"]): Promise<number> {
    const [row] = await this.root[name].query(
      this.pair.flavor === "mysql"
        ? "SELECT `COUNT` AS Value FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len'"
        : "SHOW GLOBAL STATUS LIKE 'Innodb_history_list_length'",
    );
    return Number(row?.Value);
  }

  /** Whether a connection runs a statement. */
  async isRunning(name: keyof Stage["root"], id: number): Promise<boolean> {
    const rows = await this.root[name].query("SHOW PROCESSLIST");
    return rows.some((row) => Number(row.Id) === id && row.Command === "Query" && row.Info !== null);
  }

  /** Whether the replica's applier waits for a statement there to let go of its table. */
  async isApplierBlocked(): Promise<boolean> {
    const rows = await this.root.replica.query("SHOW PROCESSLIST");
    return rows.some((row) => row.User === "system user" && /metadata lock/.test(String(row.State)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.load.abandon();
    await this.stopProgram();
    await Promise.all([this.root.primary.close(), this.root.replica.close()]);
  }

  #listen(): void {
    const lines = this.#program?.lines.slice(this.#heard) ?? [];
    this.#heard += lines.length;
    for (const line of lines) {
      const event = JSON.parse(line) as Event;
      this.#events.push(event);
      this.#hear(event);
    }
  }
}

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
