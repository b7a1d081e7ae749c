import { STATEMENTS } from "../statement.ts";
import type { Peer } from "../status.ts";
import { type DesiredPeer, type Discovered } from "./discovery.ts";
import { discover, type Duty, type DutyOptions, type Seen } from "./duty.ts";
import { type PeerPart, peerPartsOf, unfedParts } from "./feeding.ts";
import { Pacing } from "./pacing.ts";
import { keyOf, type PeerRow, peerRowsOf } from "./peer.ts";
import { resync, resyncStatements } from "./resync.ts";
import { isIpAddress } from "./self.ts";
import type { AgentAct } from "./status.ts";
import { Told } from "./told.ts";

/** So many looks in a row have to find all cores gone from the peers. */
const CONFIRMATIONS = 2;

/** Sees to it that a satellite knows a core that answers. */
export class Satellite implements Duty {
  readonly #options: DutyOptions;
  readonly #pacing: Pacing;
  readonly #told = new Told();
  /** By when a core should have answered after a resync, and how many are listed. */
  #check: { readonly by: number; readonly peers: number } | undefined;
  #parts: readonly PeerPart[] = [];
  #gone = 0;
  /** Since when no core that is listed answers. */
  #silentSince: number | undefined;
  /** When it was looked at last. */
  #lookedAt = -Infinity;
  /** Why the last resync was not done. */
  #undone: string | undefined;

  constructor(options: DutyOptions) {
    this.#options = options;
    this.#pacing = new Pacing(3 * options.config.missingAfter);
  }

  async look({ listed, peers }: Seen): Promise<readonly string[]> {
    const { discovery, clock } = this.#options;
    const found = discovery === undefined ? undefined : await discover(discovery);
    this.#settle(peers);
    const reasons = await this.#feeding(peers);
    if (found?.state === "unknown") reasons.push(`who is there is not known: ${found.reason}`);
    const why = this.#whyResync({ listed, peers, found });
    const isSure = this.#isSure(listed);
    if (why === undefined) return reasons;
    if (isSure && this.#check === undefined && this.#pacing.isDue(clock.now())) {
      await this.#resync(why, found);
    }
    return [...reasons, why, ...this.#undone === undefined ? [] : [`it is not resynced: ${this.#undone}`]];
  }

  /**
   * Whether what ProxySQL says of its cores counts: not at the first look after a pause, in which it may have been stopped
   * itself. Then it has heard of nobody, and does within a second or two.
   */
  #isSure(listed: readonly PeerRow[]): boolean {
    const { clock, config } = this.#options;
    const pause = clock.now() - this.#lookedAt;
    this.#lookedAt = clock.now();
    return listed.length === 0 || pause === Infinity ||
      pause <= 2 * config.interval + config.missingAfter / 2;
  }

  /** By order: also a moment after the last one. @throws {AdminError} */
  async resync(): Promise<AgentAct> {
    const { discovery } = this.#options;
    return await this.#resync("it was told to", discovery && await discover(discovery));
  }

  async #resync(why: string, found: Discovered | undefined): Promise<AgentAct> {
    const { admin, config, hand, clock, tell } = this.#options;
    const peers: readonly DesiredPeer[] = found?.state === "known" ? found.peers : [];
    this.#pacing.tried(clock.now());
    const listed = admin.mayWrite ? peerRowsOf(await admin.rows(STATEMENTS.listedPeers())) : [];
    let count = 0;
    const act = { what: "resync" as const, statements: resyncStatements(listed, peers) };
    const done = await hand.do(act, async (send) => {
      count = await resync({ admin, send, peers });
      return why;
    });
    this.#undone = done.outcome === "done" ? undefined : done.reason;
    if (done.outcome === "done") {
      this.#check = { by: clock.now() + 2 * config.interval, peers: count };
      this.#told.isNew("resync", undefined);
      tell({ event: "proxysql-resync", state: "began", reason: why, peers: count });
    } else if (done.outcome !== "dry-run" && this.#told.isNew("resync", `${done.outcome} ${done.reason}`)) {
      const state = done.outcome === "failed" ? "failed" : "refused";
      tell({ event: "proxysql-resync", state, reason: done.reason });
    }
    return done;
  }

  /** Looks whether a core has answered since the last resync. */
  #settle(peers: readonly Peer[]): void {
    const { clock, tell } = this.#options;
    const answers = peers.filter(({ state }) => state === "up").map(({ address }) => address);
    if (answers.length > 0) this.#pacing.settled();
    if (this.#check === undefined) return;
    if (answers.length > 0) {
      const reason = `${answers.join(", ")} ${answers.length === 1 ? "answers" : "answer"}`;
      tell({ event: "proxysql-resync", state: "done", reason, peers: this.#check.peers });
    } else if (clock.now() < this.#check.by) return;
    else {
      const reason = "no core has answered since";
      tell({ event: "proxysql-resync", state: "failed", reason, peers: this.#check.peers });
    }
    this.#check = undefined;
  }

  /**
   * Why the list should be taken from the file; undefined while a core answers: then that core feeds it, the leader of the
   * cores keeps the list, and a reload would only stop the feeding for a moment.
   */
  #whyResync({ listed, peers, found }: {
    readonly listed: readonly PeerRow[];
    readonly peers: readonly Peer[];
    readonly found: Discovered | undefined;
  }): string | undefined {
    const now = this.#options.clock.now();
    const areGone = found?.state === "known" && allGone(listed, found.peers);
    this.#gone = areGone ? this.#gone + 1 : 0;
    if (listed.length === 0 && peers.length === 0) return "no core is listed";
    if (this.#gone >= CONFIRMATIONS) return "none of the cores that it lists is there any more";
    if (peers.length === 0 || peers.some(({ state }) => state === "up")) {
      this.#silentSince = undefined;
      return undefined;
    }
    this.#silentSince ??= now;
    const names = peers.map(({ address }) => address).join(", ");
    if (peers.some(({ state }) => state === "silent")) return `no core answers any more: ${names}`;
    const isLong = now - this.#silentSince > 3 * this.#options.config.missingAfter;
    return isLong ? `no core has answered: ${names}` : undefined;
  }

  /** Tells when no core feeds this satellite, and who can mend that. */
  async #feeding(peers: readonly Peer[]): Promise<string[]> {
    const { admin, tell } = this.#options;
    const answering = peers.filter(({ state }) => state === "up").map(({ address }) => address);
    const rows = await admin.rowsIfKnown(STATEMENTS.peerChecksums()) ?? [];
    const parts = peerPartsOf(rows, new Set(answering));
    const unfed = unfedParts(parts, this.#parts);
    this.#parts = parts;
    if (unfed.length === 0) {
      const isFed = parts.every(({ differs, version }) => differs === 0n || version > 1n);
      if (isFed) this.#told.isNew("unstamped", undefined);
      return [];
    }
    const reason = `no core feeds it: all of them have version 1 of ${
      unfed.join(", ")
    }, and another one than this`;
    if (this.#told.isNew("unstamped", unfed.join())) {
      const advice = "a core has to load its configuration to runtime again, so that its version grows: " +
        `POST /v1/stamp at the agent that leads, or LOAD … TO RUNTIME at one of ${answering.join(", ")}`;
      tell({ event: "proxysql-unstamped", reason, advice });
    }
    return [reason];
  }
}

/** Whether none of the cores that are listed is there. Unknown, so false, where one is a name and the other an address. */
function allGone(listed: readonly PeerRow[], peers: readonly DesiredPeer[]): boolean {
  const there = new Set(peers.map(keyOf));
  const areAddresses = peers.every(({ host }) => isIpAddress(host));
  return listed.length > 0 &&
    listed.every((peer) => !there.has(keyOf(peer)) && isIpAddress(peer.host) === areAddresses);
}
