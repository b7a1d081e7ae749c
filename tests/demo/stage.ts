// What the demonstration plays on: two servers, the real program that watches them, and an application that is
// busy on both.

import { join } from "node:path";
import type { PublicEvent } from "../../src/events/mod.ts";
import { ACCOUNTS, Client, type LabPair, waitFor } from "../lab/mod.ts";
import { type ProgramResult, type RunningProgram, startProgram } from "../program.ts";
import { Load } from "./load.ts";
import { PEOPLE } from "./people.ts";

/** Limits of the configuration, for the demonstration's own look at them: s, entries. */
export const LIMITS = { lag: 2, history: 2_000 } as const;

/** The program's own patience is not at stake: on a busy machine everything takes longer. */
const PATIENCE = { timeoutMs: 30_000 };

/** Which of the two servers. */
export type Name = "primary" | "replica";

/** The events with this name. */
export type EventOf<N extends PublicEvent["event"]> = Extract<PublicEvent, { readonly event: N }>;

/** Without it MariaDB does not show who holds a metadata lock; MySQL does so by itself. */
export const METADATA_LOCKS = "INSTALL SONAME 'metadata_lock_info'";

/** Prepares accounts, tables and files on a pair, and connects. `hear` is told every event of the program. */
export async function openStage(pair: LabPair, hear: (event: PublicEvent) => void): Promise<Stage> {
  const primary = await Client.connect(pair.primary, ACCOUNTS.root, { database: "test" });
  for (const { user, password } of Object.values(PEOPLE)) {
    await primary.query(`CREATE USER ${user}@'%' IDENTIFIED BY '${password}'`);
    await primary.query(`GRANT SELECT, UPDATE ON test.* TO ${user}@'%'`);
  }
  await primary.query("CREATE TABLE customer LIKE item");
  await primary.query("INSERT INTO customer SELECT * FROM item");
  const replica = await Client.connect(pair.replica);
  if (pair.flavor === "mariadb") {
    for (const root of [primary, replica]) await root.query(METADATA_LOCKS);
  }
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
limits: { lag: 2s, hll: 2k }
policies:
  - name: history
    when:  hll > limits.hll             # is the database hurt?
    where: pins_purge                   # by whom? By the holder of the oldest read view
    then:  kill connection              # it is idle: there is no query to kill
    settle: 10s                         # then wait for the effect before the next one
  - name: applier
    when:  lag_apply > limits.lag
    where: blocks_replication           # by whoever holds the lock that replication waits for
    then:  kill query
    settle: 10s
protect: ["user = '${PEOPLE.backup.user}'"]
budget: { share: 20%, at_least: 1 }     # with so few sessions one kill a minute, which is enough
databases:
  - { name: primary, host: ${primary.host}, port: ${primary.port} }
  - { name: replica, host: ${replica.host}, port: ${replica.port} }
`;
}

/** The servers, the program and the load, once they are there. Disposing of it ends all but the servers. */
export class Stage implements AsyncDisposable {
  readonly pair: LabPair;
  /** Root's connections, to watch with. */
  readonly root: Readonly<Record<Name, Client>>;
  /** The program's configuration file. */
  readonly file: string;
  readonly load: Load;
  readonly #events: PublicEvent[] = [];
  readonly #hear: (event: PublicEvent) => void;
  #program: RunningProgram | undefined;
  #ear: ReturnType<typeof setInterval> | undefined;
  #end: ProgramResult | undefined;
  #heard = 0;
  #isOver = false;

  constructor(
    pair: LabPair,
    root: Stage["root"],
    { file, hear }: { readonly file: string; readonly hear: (event: PublicEvent) => void },
  ) {
    this.pair = pair;
    this.root = root;
    this.file = file;
    this.load = new Load(pair);
    this.#hear = hear;
  }

  /** Starts Query Sniper, and returns when it watches both servers. What an earlier one told is forgotten. */
  async startProgram(...options: readonly string[]): Promise<void> {
    // A demonstration that is interrupted goes on until its next step, and must leave no program behind.
    if (this.#isOver) throw new Error("The stage was taken down");
    [this.#heard, this.#end] = [0, undefined];
    this.#events.length = 0;
    const program = startProgram(["run", "-c", this.file, "--log-format", "json", ...options]);
    this.#program = program;
    program.ended.then((end) => this.#end = end);
    this.#ear = setInterval(() => this.#listen(), 10);
    for (const name of ["primary", "replica"]) {
      await this.event("connected", `connected to the ${name}`, ({ database }) => database === name);
    }
  }

  /** Asks Query Sniper to stop. Throws if it does not end well. */
  async stopProgram(): Promise<void> {
    const { code, stderr } = await this.#endProgram();
    if (code !== 0 || stderr !== "") throw new Error(`The program ended with exit code ${code}: ${stderr}`);
  }

  /** Waits for an event that passes the test, those already told included. */
  async event<N extends PublicEvent["event"]>(
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
    }, PATIENCE);
  }

  /** Waits until the last that was told of a policy's gate is this state. */
  async gate(database: Name, policy: string, state: EventOf<"gate">["state"]): Promise<void> {
    const last = () =>
      this.told("gate").findLast((event) => event.database === database && event.policy === policy);
    await this.event(
      "gate",
      `the gate of ${policy} on the ${database} is ${state}`,
      (event) => event === last() && event.state === state,
    );
  }

  /** What the program has told so far under this name. */
  told<N extends PublicEvent["event"]>(name: N): readonly EventOf<N>[] {
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
  async history(name: Name): Promise<number> {
    const [row] = await this.root[name].query(
      this.pair.flavor === "mysql"
        ? "SELECT `COUNT` AS Value FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len'"
        : "SHOW GLOBAL STATUS LIKE 'Innodb_history_list_length'",
    );
    return Number(row?.Value);
  }

  /** What a connection does, by the process list; undefined where it is not there. */
  async activity(name: Name, id: number): Promise<"query" | "idle" | undefined> {
    const rows = await this.root[name].query("SHOW PROCESSLIST");
    const row = rows.find((row) => Number(row.Id) === id);
    // A connection that was killed stays in the list for a moment, under this name.
    if (row === undefined || row.Command === "Killed") return undefined;
    return row.Command === "Query" && row.Info !== null ? "query" : "idle";
  }

  /** Whether a connection has a transaction open. */
  async hasTransaction(name: Name, id: number): Promise<boolean> {
    const sql = "SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = ?";
    return (await this.root[name].query(sql, [id])).length > 0;
  }

  /** Whether the replica's applier waits for a statement there to let go of its table. */
  async isApplierBlocked(): Promise<boolean> {
    const rows = await this.root.replica.query("SHOW PROCESSLIST");
    return rows.some((row) => row.User === "system user" && /metadata lock/.test(String(row.State)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.load.abandon();
    await this.#endProgram();
    await Promise.all([this.root.primary.close(), this.root.replica.close()]);
  }

  async #endProgram(): Promise<ProgramResult> {
    const result = await this.#program?.stop("SIGTERM");
    clearInterval(this.#ear);
    this.#listen();
    return result ?? { code: 0, stdout: "", stderr: "" };
  }

  #listen(): void {
    const lines = this.#program?.lines.slice(this.#heard) ?? [];
    this.#heard += lines.length;
    for (const line of lines) {
      const event = JSON.parse(line) as PublicEvent;
      this.#events.push(event);
      this.#hear(event);
    }
  }
}
