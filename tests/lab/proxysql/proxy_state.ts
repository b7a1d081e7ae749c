// What a ProxySQL knows: its tables, and what its commands do to them.

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { createHash } from "node:crypto";
import { refusal, type Reply } from "./packet.ts";
import { CHECKSUMS, CONFIGURED, CREATE, DIGEST, PROCESSLIST, VARIABLES } from "./tables.ts";

/** Rows of a configuration file, by table; those of variables have a `name` and a `value`. */
export type ConfigFile = Readonly<Record<string, readonly Readonly<Record<string, string | number>>[]>>;

/** The columns of a row that a test gives; the others have what is usual. */
export type Given = Readonly<Record<string, string | number | bigint | null>>;

/** What one is made of. */
export interface ProxyOptions {
  /** What listens: the admin interface, or what may be taken for one. */
  readonly kind?: "admin" | "traffic" | "server";
  readonly version?: string;
  /** The file that LOAD … FROM CONFIG reads; `missing`: there is none. */
  readonly configFile?: ConfigFile | "missing";
  /** Its clock, in milliseconds since 1970. */
  readonly now?: () => number;
}

export class ProxyState {
  readonly tables: DatabaseSync;
  readonly kind: "admin" | "traffic" | "server";
  configFile: ConfigFile | "missing";
  paused = false;
  isReadOnly = false;
  /** Whom ProxySQL's own election made the leader (sysown/proxysql#6034), and it is another one: `HOST:PORT (UUID)`. */
  follows: string | undefined;
  readonly now: () => number;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** How often each statement was asked, in order. */
  readonly statements: string[] = [];
  /** Called when a session is killed. */
  onKill: (id: number) => void = () => {};
  /** Called when the list of cores is loaded to runtime. */
  onLoadPeers: () => void = () => {};
  readonly #hasPaused: boolean;
  #nextSession = 1;
  #checksums: StatementSync | undefined;

  constructor(
    { kind = "admin", version = "2.7.2-local", configFile = {}, now = Date.now }: ProxyOptions = {},
  ) {
    this.kind = kind;
    this.now = now;
    this.startedAt = now();
    this.configFile = configFile;
    this.tables = new DatabaseSync(":memory:", { enableDoubleQuotedStringLiterals: true });
    for (const statement of CREATE) this.tables.exec(statement);
    const insert = this.tables.prepare("INSERT INTO global_variables VALUES (?, ?)");
    for (const [name, value] of Object.entries({ ...VARIABLES, "admin-version": version })) {
      insert.run(name, value);
    }
    for (const name of CHECKSUMS) this.#setChecksum(name, 1, 0);
    this.#hasPaused = !/^(?:1\.|2\.[0-5]\.)/.test(version);
  }

  /** Brings what changes by itself up to date. */
  refresh(): void {
    const set = this.tables.prepare("INSERT OR REPLACE INTO stats_mysql_global VALUES (?, ?)");
    set.run("ProxySQL_Uptime", String(Math.floor((this.now() - this.startedAt) / 1000)));
    set.run("Client_Connections_connected", String(this.sessionIds().length));
    if (this.#hasPaused) set.run("mysql_listener_paused", String(this.paused));
    const { bytes } = this.tables.prepare(
      "SELECT ifnull(sum(length(digest_text) + 200), 0) AS bytes FROM stats_mysql_query_digest",
    ).get() as { bytes: number };
    this.tables.prepare("INSERT OR REPLACE INTO stats_memory_metrics VALUES (?, ?)")
      .run("query_digest_memory", String(this.digestMemory ?? bytes));
  }

  /** What digests take, in bytes; by default about what they would. */
  digestMemory: number | undefined;

  variable(name: string): string | undefined {
    const names = [name, `admin-${name}`];
    const row = this.tables.prepare(
      "SELECT variable_value AS v FROM global_variables WHERE variable_name = ?",
    )
      .get(name === "version" ? names[1]! : name) as { v: string } | undefined;
    return row?.v;
  }

  setVariable(name: string, value: string): boolean {
    const { changes } = this.tables
      .prepare("UPDATE global_variables SET variable_value = ? WHERE variable_name = ?").run(value, name);
    return Number(changes) > 0;
  }

  /** The number that GLOBAL_CHECKSUM() gives: beyond 53 bits. */
  checksum(): string {
    return (2n ** 63n + BigInt(this.statements.length)).toString();
  }

  loadFromConfig(what: string): Reply {
    const table = tableOf(what);
    if (table === undefined) return refusal('near "LOAD": syntax error');
    if (this.configFile === "missing") {
      return refusal("Unable to open or parse config file /etc/proxysql.cnf");
    }
    const rows = this.configFile[table] ?? [];
    if (table.endsWith("_variables")) {
      const kind = table.replace("variables", "").replace("_", "-");
      for (const { name, value } of rows) this.setVariable(`${kind}${name}`, String(value));
    } else for (const row of rows) this.#insert(table, row, "INSERT OR REPLACE");
    return { kind: "ok", affectedRows: rows.length };
  }

  /** LOAD … TO RUNTIME; or what goes to a disk, which there is not. */
  load(what: string, toRuntime: boolean): Reply {
    if (/^mysql digest$/i.test(what) && !toRuntime) return { kind: "ok", affectedRows: this.emptyDigests() };
    const table = tableOf(what);
    if (table === undefined) return refusal(`near "${toRuntime ? "LOAD" : "SAVE"}": syntax error`);
    if (this.follows !== undefined) {
      return refusal(
        `Admin is in read-only mode (cluster follower). Current leader is ${this.follows}. ` +
          "Use PROXYSQL READWRITE to override.",
      );
    }
    if (!toRuntime) return { kind: "ok" };
    if (table in CONFIGURED) {
      this.tables.exec(`DELETE FROM runtime_${table}; INSERT INTO runtime_${table} SELECT * FROM ${table}`);
    } else if (table.endsWith("_variables")) {
      this.tables.prepare(
        "INSERT OR REPLACE INTO runtime_global_variables SELECT * FROM global_variables WHERE variable_name LIKE ?",
      ).run(variablesOf(table));
    }
    if (table === "proxysql_servers") this.onLoadPeers();
    for (const name of CHECKSUMS.filter((each) => each.replace(/_v2$/, "") === table)) {
      const { version } = this.checksumOf(name);
      this.#setChecksum(name, version + 1, Math.floor(this.now() / 1000));
    }
    return { kind: "ok" };
  }

  checksumOf(name: string): { readonly version: number; readonly epoch: number; readonly checksum: string } {
    this.#checksums ??= this.tables.prepare(
      "SELECT version, epoch, checksum FROM runtime_checksums_values WHERE name = ?",
    );
    return this.#checksums.get(name) as { version: number; epoch: number; checksum: string };
  }

  /** Takes over what a peer has in force, with its version. */
  adopt(
    name: string,
    rows: readonly Given[],
    from: { readonly version: number; readonly epoch: number },
  ): void {
    const table = name.replace(/_v2$/, "");
    if (table in CONFIGURED) {
      this.tables.exec(`DELETE FROM ${table}; DELETE FROM runtime_${table}`);
      for (const row of rows) {
        this.#insert(table, row);
        this.#insert(`runtime_${table}`, row);
      }
      if (table === "proxysql_servers") this.onLoadPeers();
    } else if (table.endsWith("_variables")) {
      for (const target of ["global_variables", "runtime_global_variables"]) {
        for (const row of rows) this.#insert(target, row, "INSERT OR REPLACE");
      }
    }
    this.#setChecksum(name, from.version, from.epoch);
  }

  command(verb: string): Reply {
    switch (verb) {
      case "pause":
        if (this.paused) return refusal("ProxySQL MySQL module is already paused, impossible to pause");
        this.paused = true;
        return { kind: "ok" };
      case "resume":
        if (!this.paused) return refusal("ProxySQL MySQL module is not paused, impossible to resume");
        this.paused = false;
        return { kind: "ok" };
      case "shutdown":
        return { kind: "crash" };
      default:
        this.isReadOnly = verb === "readonly";
        return { kind: "ok" };
    }
  }

  /** A client's session; it is idle in no transaction unless told. */
  addSession(given: Given = {}): number {
    const id = this.#nextSession++;
    this.#insert("stats_mysql_processlist", {
      ...Object.fromEntries(PROCESSLIST.map((name) => [name, null])),
      ...{ ThreadID: 1, SessionID: id, user: "app", db: "shop", cli_host: "10.0.0.9", cli_port: 40_000 + id },
      ...{ hostgroup: 10, command: "Sleep", time_ms: 60_000, ...given },
    });
    return id;
  }

  /** A connection to a backend that nobody has. */
  addFree({ host, port }: { readonly host: string; readonly port: number }, thread: number): void {
    this.#insert("stats_mysql_free_connections", {
      ...{
        fd: 40,
        hostgroup: 10,
        srv_host: host,
        srv_port: port,
        user: "app",
        schema: "test",
        idle_ms: 60_000,
      },
      mysql_info: JSON.stringify({ host, port, thread_id: thread, user: "app" }),
    });
  }

  sessionIds(): readonly number[] {
    return this.tables.prepare("SELECT SessionID AS id FROM stats_mysql_processlist").all()
      .map(({ id }) => Number(id));
  }

  changeSession(id: number, changes: Given): void {
    for (const [name, value] of Object.entries(changes)) {
      this.tables.prepare(`UPDATE stats_mysql_processlist SET ${name} = ? WHERE SessionID = ?`).run(
        value,
        id,
      );
    }
  }

  endSession(id: number): boolean {
    const { changes } = this.tables.prepare("DELETE FROM stats_mysql_processlist WHERE SessionID = ?").run(
      id,
    );
    return Number(changes) > 0;
  }

  killSession(id: number): boolean {
    const was = this.endSession(id);
    if (was) this.onKill(id);
    return was;
  }

  /** A digest, or more of it. */
  addDigest(given: Given): void {
    this.#insert("stats_mysql_query_digest", {
      ...Object.fromEntries(DIGEST.map((name) => [name, /^(?:sum|min|max|first|last)/.test(name) ? 0 : ""])),
      ...{ hostgroup: 10, schemaname: "shop", username: "app", count_star: 1 },
      ...given,
    });
  }

  changeDigest(digest: string, changes: Given): void {
    for (const [name, value] of Object.entries(changes)) {
      this.tables.prepare(`UPDATE stats_mysql_query_digest SET ${name} = ? WHERE digest = ?`).run(
        value,
        digest,
      );
    }
  }

  emptyDigests(): number {
    return Number(this.tables.prepare("DELETE FROM stats_mysql_query_digest").run().changes);
  }

  /** Adds a row to any table. */
  add(table: string, row: Given): void {
    this.#insert(table, row);
  }

  /** As after a restart: counters and sessions begin again, and what is configured stays. */
  restart(): void {
    this.startedAt = this.now();
    this.paused = false;
    this.emptyDigests();
    this.tables.exec("DELETE FROM stats_mysql_processlist; DELETE FROM stats_mysql_global");
    for (const name of CHECKSUMS) this.#setChecksum(name, 1, 0);
  }

  #insert(table: string, row: Given, how = "INSERT"): void {
    const names = Object.keys(row);
    this.tables.prepare(`${how} INTO ${table} (${names}) VALUES (${names.map(() => "?")})`)
      .run(...Object.values(row));
  }

  /** What runs of a part of the configuration. */
  inForce(table: string): readonly Given[] {
    if (table in CONFIGURED) {
      return this.tables.prepare(`SELECT * FROM runtime_${table}`).all() as readonly Given[];
    }
    return this.tables.prepare("SELECT * FROM runtime_global_variables WHERE variable_name LIKE ?")
      .all(variablesOf(table)) as readonly Given[];
  }

  #setChecksum(name: string, version: number, epoch: number): void {
    const table = name.replace(/_v2$/, "");
    const rows = this.inForce(table);
    const checksum = rows.length === 0
      ? "0x0000000000000000"
      : `0x${createHash("sha256").update(JSON.stringify(rows)).digest("hex").slice(0, 16).toUpperCase()}`;
    this.tables.prepare("INSERT OR REPLACE INTO runtime_checksums_values VALUES (?, ?, ?, ?)")
      .run(name, version, epoch, checksum);
  }
}

/** The table that a LOAD or SAVE is of. */
function tableOf(what: string): string | undefined {
  const name = what.toLowerCase().replaceAll(" ", "_");
  return [...CHECKSUMS.filter((each) => !each.endsWith("_v2")), "scheduler"].find((each) => each === name);
}

/** A pattern of the names of variables. */
function variablesOf(table: string): string {
  return `${table.replace("_variables", "")}-%`;
}
