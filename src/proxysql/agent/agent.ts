import { addressText } from "../../config/mod.ts";
import type { Row } from "../../connection/mod.ts";
import { AdminError, BROKEN } from "../admin_error.ts";
import { STATEMENTS } from "../statement.ts";
import type { Peer } from "../status.ts";
import { textOf } from "../value.ts";
import { Core } from "./core.ts";
import type { EventOf } from "./duty.ts";
import { Hand } from "./hand.ts";
import type { Leading } from "./leader.ts";
import type { AgentOptions } from "./options.ts";
import { keyOf, peersSeen } from "./peer.ts";
import { PeerWatch } from "./peer_watch.ts";
import { peersInForce } from "./resync.ts";
import { Satellite } from "./satellite.ts";
import type { AgentAct, AgentStatus } from "./status.ts";
import { Told } from "./told.ts";

/**
 * Looks after one ProxySQL, as its role says: of a satellite it sees to it that it knows a core that answers; of a core, while
 * it leads, it keeps the list of cores, and stamps the configuration where that is configured. It keeps no timers and no
 * connections of its own, so nothing grows while ProxySQL hangs.
 */
export class Agent {
  readonly #options: AgentOptions;
  readonly #hand: Hand;
  readonly #watch = new PeerWatch();
  readonly #told = new Told();
  readonly #satellite: Satellite | undefined;
  readonly #core: Core | undefined;
  #doing: Promise<unknown> | undefined;
  #isWaiting = false;
  #version: string | undefined;
  #peers: readonly Peer[] = [];
  #reasons: readonly string[] = [];
  #lastLook: string | null = null;

  constructor(options: AgentOptions) {
    this.#options = options;
    const { config: { role }, leader } = options;
    this.#hand = new Hand({ ...options, leaderOnly: role === "core" });
    const tell = (event: EventOf) => this.#tell(event);
    const duty = { ...options, hand: this.#hand, tell };
    if (role === "satellite") this.#satellite = new Satellite(duty);
    if (role === "core") this.#core = new Core({ ...duty, leader });
  }

  /**
   * One look, once an interval. While another one, or an order, is under way it does nothing, and returns false. It never
   * fails for what ProxySQL does.
   */
  async look(): Promise<boolean> {
    if (this.#doing !== undefined || this.#isWaiting) return false;
    await this.#alone(() => this.#look());
    return true;
  }

  /**
   * Loads a core's configuration from ProxySQL's file and makes it run, so that the others copy it. Only while this agent
   * leads. Where others have a stamped configuration that differs it is a conflict, and nothing is done unless `force`.
   */
  async stamp({ force = false }: { readonly force?: boolean } = {}): Promise<AgentAct> {
    return await this.#order("stamp", async () => {
      if (this.#core === undefined) return this.#refused("stamp", "this is no core");
      return await this.#core.stamp(await this.#readPeers(), { force });
    });
  }

  /** Takes a satellite's list of cores from ProxySQL's file anew, also where that was tried a moment ago. */
  async resync(): Promise<AgentAct> {
    return await this.#order(
      "resync",
      async () => await this.#satellite?.resync() ?? this.#refused("resync", "this is no satellite"),
    );
  }

  status(): AgentStatus {
    const { config, admin, leader } = this.#options;
    return {
      role: config.role,
      state: admin.state,
      version: this.#version ?? null,
      leader: leader === undefined ? null : statusOf(this.#leading(leader.leading)),
      peers: this.#peers,
      last_look: this.#lastLook,
      last_acts: this.#hand.acts,
      reasons: this.#reasons,
    };
  }

  /** By order of somebody. One at a time may wait for what is under way. */
  async #order(what: AgentAct["what"], work: () => Promise<AgentAct>): Promise<AgentAct> {
    if (this.#isWaiting) return this.#refused(what, "another order is under way");
    this.#isWaiting = true;
    try {
      await this.#doing;
      return await this.#alone(async () => {
        try {
          // Only who was answered knows what its account may do.
          await this.#readVersion();
          return await work();
        } catch (error) {
          if (!(error instanceof AdminError)) throw error;
          return this.#refused(what, error.withAdvice);
        } finally {
          this.#tellLeader();
        }
      });
    } finally {
      this.#isWaiting = false;
    }
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const doing = work();
    this.#doing = doing.then(() => {}, () => {});
    try {
      return await doing;
    } finally {
      this.#doing = undefined;
    }
  }

  async #look(): Promise<void> {
    try {
      await this.#readVersion();
      this.#reasons = await this.#attend();
      this.#lastLook = this.#now();
    } catch (error) {
      this.#reasons = [error instanceof AdminError ? error.withAdvice : String(error)];
      if (!(error instanceof AdminError)) throw error;
      this.#tellTrouble(error);
    } finally {
      this.#tellLeader();
    }
  }

  async #attend(): Promise<readonly string[]> {
    const duty = this.#satellite ?? this.#core;
    if (duty === undefined) return [];
    const metrics = await this.#options.admin.rowsIfKnown(STATEMENTS.peers());
    if (metrics === undefined) return ["this version of ProxySQL does not tell of a cluster"];
    this.#peers = await this.#peersSeen(metrics);
    const listed = await peersInForce(this.#options.admin, metrics);
    for (const change of this.#watch.changes(listed.map(keyOf), this.#peers)) {
      this.#tell({ event: "proxysql-peer", ...change });
    }
    const reasons = await duty.look({ listed, peers: this.#peers });
    const readOnly = this.#hand.readOnly;
    return readOnly === undefined || reasons.some((each) => each.includes(readOnly.reason))
      ? reasons
      : [...reasons, readOnly.reason];
  }

  async #readPeers(): Promise<readonly Peer[]> {
    return await this.#peersSeen(await this.#options.admin.rowsIfKnown(STATEMENTS.peers()) ?? []);
  }

  async #peersSeen(metrics: readonly Row[]): Promise<readonly Peer[]> {
    const { admin, config: { missingAfter } } = this.#options;
    return peersSeen(metrics, { missingAfter, pace: await admin.rows(STATEMENTS.clusterPace()) });
  }

  /** The first statement of each look: it proves that ProxySQL answers. */
  async #readVersion(): Promise<void> {
    const [row] = await this.#options.admin.rows(STATEMENTS.version());
    const version = textOf(Object.values(row ?? {})[0]);
    this.#version = version;
    if (this.#told.isNew("answers", `yes ${version}`)) this.#tell({ event: "proxysql-connected", version });
  }

  #tellTrouble(error: AdminError): void {
    const { kind, message: reason, advice } = error;
    // Only these are of the connection; what a statement is refused for is a reason in the status.
    if (kind === "wedged") {
      if (this.#told.isNew("answers", "wedged")) this.#tell({ event: "proxysql-wedged", reason });
    } else if (BROKEN.has(kind)) {
      if (!this.#told.isNew("answers", `no ${reason}`)) return;
      this.#tell({ event: "proxysql-unreachable", reason, ...advice !== undefined && { advice } });
    }
  }

  /** Where ProxySQL elects, its leader is the one that counts. */
  #leading(leading: Leading): Leading {
    const { readOnly } = this.#hand;
    return readOnly === undefined
      ? leading
      : { state: "follows", holder: readOnly.leader ?? "ProxySQL's own leader" };
  }

  #tellLeader(): void {
    const { leader } = this.#options;
    const { readOnly } = this.#hand;
    if (leader === undefined && (this.#core === undefined || readOnly === undefined)) return;
    const leading = this.#leading(leader?.leading ?? { state: "nobody" });
    if (leading.state === "unknown" && leading.isFirst === true) return;
    const event = { ...leading, ...readOnly !== undefined && { reason: readOnly.reason } };
    if (this.#told.isNew("leader", JSON.stringify(event))) this.#tell({ event: "proxysql-leader", ...event });
  }

  #refused(what: AgentAct["what"], reason: string): AgentAct {
    const act: AgentAct = { at: this.#now(), what, outcome: "refused", reason, statements: [] };
    this.#hand.remember(act);
    return act;
  }

  #tell(event: EventOf): void {
    const proxysql = addressText(this.#options.config.address);
    this.#options.tell({ ...event, proxysql });
  }

  #now(): string {
    return new Date(this.#options.clock.wall()).toISOString();
  }
}

function statusOf(leading: Leading): Leading {
  return leading.state === "unknown" ? { state: "unknown", reason: leading.reason } : leading;
}
