import type { Clock } from "../../../src/clock.ts";
import { DatabaseError, type Done, type Row } from "../../../src/connection/mod.ts";
import type { ProxysqlEvent } from "../../../src/events/mod.ts";
import { adminError } from "../../../src/proxysql/admin_error.ts";
import {
  Agent,
  type AgentAdmin,
  type AgentConfig,
  type AgentOptions,
  type DesiredPeer,
  type Discovered,
  type Discovery,
  type Leader,
  type Leading,
} from "../../../src/proxysql/agent/mod.ts";
import { type Act, Admin, AdminError, type Intend } from "../../../src/proxysql/mod.ts";
import type { Statement } from "../../../src/proxysql/statement.ts";
import { answer } from "../../lab/proxysql/admin_statement.ts";
import type { ProxyState } from "../../lab/proxysql/proxy_state.ts";
import { type ProxysqlStandIn, STATS } from "../../lab/proxysql/stand_in.ts";
import { accountOf, targetOf } from "../fixture.ts";

/** Time that a test sets. */
export class TestClock implements Clock {
  time = 0;

  now(): number {
    return this.time;
  }

  wall(): number {
    return Date.UTC(2026, 10, 20) + this.time;
  }

  sleep(milliseconds: number): Promise<void> {
    this.time += milliseconds;
    return Promise.resolve();
  }
}

/** Who leads as a test says. */
export class TestLeader implements Leader {
  readonly every = 5000;
  leading: Leading = { state: "leads" };
  /** How often it was asked. */
  asked = 0;
  /** Asked so often, it leads no longer. */
  until = Infinity;

  leads(): boolean {
    if (++this.asked > this.until) this.leading = { state: "follows", holder: "another" };
    return this.leading.state === "leads";
  }

  renew(): Promise<void> {
    return Promise.resolve();
  }

  release(): Promise<void> {
    return Promise.resolve();
  }
}

/** Who is there as a test says. */
export class TestDiscovery implements Discovery {
  found: Discovered = { state: "unknown", reason: "nobody was asked" };

  /** Ports of the loopback interface, or cores. */
  set peers(peers: readonly (number | DesiredPeer)[]) {
    this.found = {
      state: "known",
      peers: peers.map((peer) => typeof peer === "number" ? { host: "127.0.0.1", port: peer } : peer),
    };
  }

  read(): Promise<Discovered> {
    return Promise.resolve(this.found);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** An administrator's connection to a ProxySQL in this process, without a network between. */
export class LocalAdmin implements AgentAdmin {
  readonly proxy: ProxyState;
  state: AgentAdmin["state"] = "up";
  mayWrite = true;
  /** Called before a statement reaches ProxySQL, after it was sent. */
  travel: (statement: Statement) => Promise<void> = () => Promise.resolve();

  constructor(proxy: ProxyState) {
    this.proxy = proxy;
  }

  async rows(statement: Statement): Promise<readonly Row[]> {
    const reply = await this.#ask(statement);
    if (reply.kind !== "rows") return [];
    return reply.rows.map((values) =>
      Object.fromEntries(reply.columns.map(({ name }, at) => [name, values[at] ?? null]))
    );
  }

  async rowsIfKnown(statement: Statement): Promise<readonly Row[] | undefined> {
    return await this.rows(statement);
  }

  async run(statement: Statement, before: () => void = () => {}): Promise<Done> {
    before();
    const reply = await this.#ask(statement);
    return { affectedRows: reply.kind === "ok" ? reply.affectedRows ?? 0 : 0, info: "" };
  }

  async #ask(statement: Statement) {
    await this.travel(statement);
    this.proxy.statements.push(statement);
    const reply = answer(statement, { user: "radmin", admin: true }, this.proxy);
    if (reply.kind === "error") throw adminError(new DatabaseError("statement", reply.message));
    return reply;
  }
}

/** An agent with all that surrounds it. */
export function agentOf(
  proxy: ProxysqlStandIn | LocalAdmin,
  { config = {}, stats = false, ...more }:
    & Partial<Omit<AgentOptions, "config" | "clock">>
    & { readonly config?: Partial<AgentConfig>; readonly clock?: TestClock; readonly stats?: boolean } = {},
) {
  const clock = more.clock ?? new TestClock();
  const events: ProxysqlEvent[] = [];
  const intents: Act[] = [];
  /** What became of them. */
  const outcomes: string[] = [];
  const intend: Intend = (act) => {
    intents.push(act);
    return Promise.resolve((outcome, reason) => Promise.resolve(void outcomes.push(`${outcome}: ${reason}`)));
  };
  /** How long ProxySQL may take, in milliseconds. */
  const limits = { timeout: 2000 };
  const admin = proxy instanceof LocalAdmin ? proxy : new Admin(
    Object.defineProperties(targetOf(proxy, stats ? { account: accountOf(STATS) } : {}), {
      timeout: { get: () => limits.timeout },
    }),
    { clock, longestWait: 0 },
  );
  const port = proxy instanceof LocalAdmin ? 6032 : proxy.port;
  const agent = new Agent({
    ...{ tell: (event) => events.push(event), intend },
    ...more,
    ...{ admin, clock },
    config: {
      address: { host: "127.0.0.1", port },
      ...{ role: "satellite", interval: 10_000, missingAfter: 30_000, stamp: { at: "never", prune: false } },
      ...config,
    },
  });
  return {
    ...{ agent, admin, clock, events, intents, outcomes, limits },
    /** What was told since the call before, in short. */
    told(): readonly string[] {
      return events.splice(0).map(shortOf);
    },
    async [Symbol.asyncDispose]() {
      if (admin instanceof Admin) await admin[Symbol.asyncDispose]();
    },
  };
}

function shortOf(event: ProxysqlEvent): string {
  const { state, peer, reason, holder, parts, version } = event as unknown as Readonly<
    Record<string, unknown>
  >;
  const words = [event.event.replace("proxysql-", ""), state, peer, holder, parts, version].filter((word) =>
    word !== undefined
  );
  return `${words.join(" ")}${reason === undefined ? "" : `: ${reason}`}`;
}

/** What was asked of a ProxySQL that may change something, but for the probe. */
export function changesOf({ statements }: ProxyState): readonly string[] {
  return statements.filter((sql) => !/^SELECT/.test(sql) && !/hostname = ''/.test(sql));
}

/** The list of cores, as ports, in force or as it is edited. */
export function coresOf({ tables }: ProxyState, table = "runtime_proxysql_servers"): readonly number[] {
  return tables.prepare(`SELECT port FROM ${table} ORDER BY port`).all().map(({ port }) => Number(port));
}

export { AdminError };
