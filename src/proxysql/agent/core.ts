import { STATEMENTS } from "../statement.ts";
import type { Peer } from "../status.ts";
import { textOf } from "../value.ts";
import type { DesiredPeer, Discovery } from "./discovery.ts";
import { discover, type Duty, type DutyOptions, type Seen } from "./duty.ts";
import { Absences, listAfter, type Membership, membershipOf, statementsFor } from "./membership.ts";
import type { Leader } from "./leader.ts";
import { Pacing } from "./pacing.ts";
import { keyOf, type PeerRow, peerRowsOf } from "./peer.ts";
import { type IsOwn, isOwnBy } from "./self.ts";
import { Stamper } from "./stamper.ts";
import type { AgentAct } from "./status.ts";
import { Told } from "./told.ts";

/** For so long after a read that failed not many may leave at once, in milliseconds. */
const UNSURE = 60_000;

/** Between two attempts to change the list, in milliseconds. */
const LONGEST_WAIT = 60_000;

export interface CoreOptions extends DutyOptions {
  readonly leader: Leader | undefined;
}

/** What became of the list of cores. */
interface Members {
  readonly reasons: readonly string[];
  /** Who is listed, or should be; undefined where that is not known, or has just been changed. */
  readonly cores: readonly DesiredPeer[] | undefined;
}

/** Keeps the list of cores, and stamps the configuration, while this agent leads. */
export class Core implements Duty {
  readonly #options: CoreOptions;
  readonly #stamper: Stamper;
  readonly #absences = new Absences();
  readonly #pacing: Pacing;
  readonly #told = new Told();
  #failedAt = -Infinity;
  /** Why the last change was not done. */
  #undone: string | undefined;

  constructor(options: CoreOptions) {
    this.#options = options;
    this.#stamper = new Stamper(options);
    this.#pacing = new Pacing(3 * options.config.interval, { longest: LONGEST_WAIT });
  }

  async look({ listed, peers }: Seen): Promise<readonly string[]> {
    const { admin, config, discovery, leader } = this.#options;
    if (leader?.leads() !== true) {
      this.#absences.clear();
      this.#told.keepOnly("kept", new Set());
      return [];
    }
    if (!admin.mayWrite) return ["this agent leads, and cannot write: its account is no administrator's"];
    // Nobody tells who should be listed, and nothing is stamped: there is nothing to ask for.
    if (discovery === undefined && config.stamp.at === "never") return [];
    const isOwn = await this.#isOwn();
    const { reasons, cores } = discovery === undefined
      ? { reasons: [], cores: listed }
      : await this.#members(discovery, peers, isOwn);
    return cores === undefined ? reasons : [...reasons, ...await this.#stamper.look({ peers, isOwn, cores })];
  }

  /** @throws {AdminError} */
  async stamp(peers: readonly Peer[], options: { readonly force: boolean }): Promise<AgentAct> {
    return await this.#stamper.stamp({ peers, isOwn: await this.#isOwn(), cores: [] }, options);
  }

  async #isOwn(): Promise<IsOwn> {
    const { admin, config: { address }, self } = this.#options;
    const [row] = await admin.rows(STATEMENTS.variable("admin-mysql_ifaces"));
    return isOwnBy({ self, address, interfaces: textOf(row?.["value"]) });
  }

  async #members(discovery: Discovery, peers: readonly Peer[], isOwn: IsOwn): Promise<Members> {
    const { admin, clock } = this.#options;
    const found = await discover(discovery);
    // Not what was read before: whoever is asked who is there may take a while.
    const current = peerRowsOf(await admin.rows(STATEMENTS.peersInForce()));
    if (found.state === "unknown") {
      this.#absences.clear();
      this.#failedAt = clock.now();
      const reason = `who is there is not known: ${found.reason}`;
      this.#tellKept(current.filter((peer) => !isOwn(peer)).map((peer) => ({ peer, reason })));
      return { reasons: [reason], cores: undefined };
    }
    this.#absences.note(current, found.peers);
    const membership = this.#decide({ current, desired: found.peers, isOwn, peers });
    this.#tellKept(membership.kept);
    const reasons = [
      ...membership.kept.map(({ peer, reason }) => `${keyOf(peer)} stays listed: ${reason}`),
      ...membership.unusable,
    ];
    const changes = membership.put.length + membership.drop.length;
    const isDue = this.#pacing.isDue(clock.now());
    if (changes === 0) {
      this.#undone = undefined;
      this.#pacing.settled();
    } else if (isDue) await this.#change(current, membership);
    return {
      reasons: this.#undone === undefined
        ? reasons
        : [...reasons, `the list of cores is not changed: ${this.#undone}`],
      // What a change brings is seen at the next look.
      cores: changes > 0 && isDue ? undefined : [...current, ...found.peers],
    };
  }

  #decide({ current, desired, isOwn, peers }: {
    readonly current: readonly PeerRow[];
    readonly desired: readonly DesiredPeer[];
    readonly isOwn: IsOwn;
    readonly peers: readonly Peer[];
  }): Membership {
    const answering = new Set(peers.filter(({ state }) => state === "up").map(({ address }) => address));
    return membershipOf({
      ...{ current, desired, isOwn, absences: this.#absences.counts },
      answers: (key) => answering.has(key),
      unsure: this.#options.clock.now() - this.#failedAt < UNSURE,
    });
  }

  async #change(current: readonly PeerRow[], membership: Membership): Promise<void> {
    const { admin, clock, hand } = this.#options;
    const wanted = listAfter(current, membership);
    const edited = peerRowsOf(await admin.rows(STATEMENTS.listedPeers()));
    const statements = statementsFor(edited, wanted);
    const done = await hand.do({ what: "peers", statements }, async (send) => {
      for (const statement of statements) await send(statement);
      return changeText(membership);
    });
    this.#undone = done.outcome === "done" ? undefined : done.reason;
    // Also a change that was done: where it does not last, the list must not be loaded at every look.
    this.#pacing.tried(clock.now());
    // What leaves next needs reads of its own.
    if (done.outcome === "done" && membership.drop.length > 0) this.#absences.clear();
  }

  /** Who stays listed, once for each reason. */
  #tellKept(kept: Membership["kept"]): void {
    for (const { peer, reason } of kept) {
      if (!this.#told.isNew(`kept ${keyOf(peer)}`, reason)) continue;
      this.#options.tell({ event: "proxysql-peer", state: "kept", peer: keyOf(peer), reason });
    }
    this.#told.keepOnly("kept", new Set(kept.map(({ peer }) => `kept ${keyOf(peer)}`)));
  }
}

function changeText({ put, drop }: Membership): string {
  const names = (peers: readonly PeerRow[]) => peers.map(keyOf).join(", ");
  return [
    ...put.length > 0 ? [`listed: ${names(put)}`] : [],
    ...drop.length > 0 ? [`no longer listed: ${names(drop)}`] : [],
  ].join("; ");
}
