import { type Part, PARTS, STATEMENTS } from "../statement.ts";
import type { Peer } from "../status.ts";
import type { DesiredPeer } from "./discovery.ts";
import type { DutyOptions } from "./duty.ts";
import { areStamped, isFresh, partsAhead, partStatesOf, peerPartsOf } from "./feeding.ts";
import { Pacing } from "./pacing.ts";
import { keyOf } from "./peer.ts";
import type { IsOwn } from "./self.ts";
import { lastServer, stampParts, stampStatements } from "./stamp.ts";
import type { AgentAct } from "./status.ts";
import { Told } from "./told.ts";

/** Who the other cores are. */
interface Others {
  readonly peers: readonly Peer[];
  readonly isOwn: IsOwn;
  /** Who is listed, or is there: of all of them has to be known what they run before a stamp by itself. */
  readonly cores: readonly DesiredPeer[];
}

/** What is known of the configurations. */
interface StampReading {
  /** Whether this one is as it was when ProxySQL started. */
  readonly isStart: boolean;
  /** Whether another core was stamped. */
  readonly isFed: boolean;
  /** The parts in which another one was, and is not what runs here. */
  readonly ahead: readonly Part[];
}

/** So many looks in a row have to find a conflict: ProxySQL itself may be about to copy what is newer. */
const CONFIRMATIONS = 2;

/** Stamps the configuration of a core: by itself once after ProxySQL has started, if that is configured, or by order. */
export class Stamper {
  readonly #options: DutyOptions;
  readonly #pacing: Pacing;
  readonly #told = new Told();
  #conflicts = 0;
  #unknownSince: number | undefined;

  constructor(options: DutyOptions) {
    this.#options = options;
    this.#pacing = new Pacing(3 * options.config.missingAfter);
  }

  /** While this agent leads. @throws {AdminError} */
  async look(others: Others): Promise<readonly string[]> {
    const { config, clock } = this.#options;
    if (config.stamp.at !== "start") return [];
    const { isStart, isFed, ahead } = await this.#read(others.peers);
    if (!isStart) {
      // Stamped already, or copied from another core, or changed by somebody.
      [this.#conflicts, this.#unknownSince] = [0, undefined];
      this.#told.isNew("conflict", undefined);
      return [];
    }
    const unknown = this.#unknown(others);
    if (unknown !== undefined) return [unknown];
    this.#conflicts = ahead.length > 0 ? this.#conflicts + 1 : 0;
    if (ahead.length > 0) return this.#conflicts >= CONFIRMATIONS ? [this.#conflict(ahead)] : [];
    // Others have what runs here, and feed whoever has not. Its file might be older.
    if (isFed) return [];
    if (!this.#pacing.isDue(clock.now())) return [];
    const { outcome, reason } = await this.#stamp(
      "ProxySQL has started, and nobody has stamped its configuration",
    );
    return outcome === "done" ? [] : [`it is not stamped: ${reason}`];
  }

  /** By order; `force`: also where others have newer, or nobody knows what they have. @throws {AdminError} */
  async stamp(others: Others, { force }: { readonly force: boolean }): Promise<AgentAct> {
    const { ahead } = await this.#read(others.peers);
    const silent = others.peers.filter((peer) => !isSelf(peer, others.isOwn) && peer.state !== "up");
    if (!force && ahead.length > 0) return this.#refused(this.#conflict(ahead));
    if (!force && silent.length > 0) {
      return this.#refused(`not known is what runs at ${silent.map(({ address }) => address).join(", ")}`);
    }
    return await this.#stamp("it was told to");
  }

  async #read(peers: readonly Peer[]): Promise<StampReading> {
    const { admin } = this.#options;
    const own = partStatesOf(await admin.rows(STATEMENTS.checksums()));
    // What one had that is silent now counts as well.
    const seen = new Set(peers.filter(({ state }) => state !== "unreached").map(({ address }) => address));
    const rows = await admin.rowsIfKnown(STATEMENTS.peerChecksums()) ?? [];
    const parts = peerPartsOf(rows, seen);
    return { isStart: isFresh(own), isFed: areStamped(parts), ahead: partsAhead(own, parts) };
  }

  /**
   * Why it is not known what other cores run: some have not answered since this ProxySQL has started, or it has not heard of
   * them. What they run may be newer than the file, so only an order stamps then; that is told after `missing_after`.
   */
  #unknown(others: Others): string | undefined {
    const { clock, config, discovery } = this.#options;
    const unknown = unseen(others);
    const isAlone = others.cores.length === 0 && discovery === undefined;
    if (unknown.length === 0 && !isAlone) {
      this.#unknownSince = undefined;
      return undefined;
    }
    const reason = isAlone
      ? "it is not stamped: no core is listed, and nothing tells who is there"
      : `it is not stamped: not known yet is what runs at ${unknown.join(", ")}`;
    this.#unknownSince ??= clock.now();
    const isLong = clock.now() - this.#unknownSince > config.missingAfter;
    if (isLong) this.#tellConflict(Object.keys(PARTS) as readonly Part[], reason);
    return reason;
  }

  #conflict(parts: readonly Part[]): string {
    const reason = `other cores have a stamped configuration that is not what runs here: ${parts.join(", ")}`;
    this.#tellConflict(parts, reason);
    return reason;
  }

  #tellConflict(parts: readonly Part[], reason: string): void {
    if (this.#told.isNew("conflict", reason)) {
      const advice = "POST /v1/stamp if the file of this one is to win";
      this.#options.tell({ event: "proxysql-conflict", parts, reason, advice });
    }
  }

  #refused(reason: string): AgentAct {
    const at = new Date(this.#options.clock.wall()).toISOString();
    const act: AgentAct = { at, what: "stamp", outcome: "conflict", reason, statements: [] };
    this.#options.hand.remember(act);
    return act;
  }

  async #stamp(why: string): Promise<AgentAct> {
    const { admin, config: { stamp: { prune } }, hand, clock, tell } = this.#options;
    const parts: Part[] = [];
    const pruneUpTo = prune ? await lastServer(admin) : undefined;
    const act = { what: "stamp" as const, statements: stampStatements({ pruneUpTo }) };
    const done = await hand.do(act, async (send) => {
      await stampParts({ admin, send, pruneUpTo, ran: (part) => parts.push(part) });
      return why;
    });
    if (done.outcome === "done") {
      this.#told.isNew("stamp", undefined);
      tell({ event: "proxysql-stamp", state: "done", parts });
    } else {
      this.#pacing.tried(clock.now());
      const all = parts.length > 0 ? parts : Object.keys(PARTS);
      if (done.outcome !== "dry-run" && this.#told.isNew("stamp", done.reason)) {
        tell({ event: "proxysql-stamp", state: "failed", parts: all, reason: done.reason });
      }
    }
    return done;
  }
}

/** The cores of which it is not known what they run, or ran when they answered last. */
function unseen({ peers, cores, isOwn }: Others): readonly string[] {
  const seen = new Set(peers.filter(({ state }) => state !== "unreached").map(({ address }) => address));
  const own = new Set(cores.filter(isOwn).map(keyOf));
  const all = new Set([
    ...peers.filter((peer) => !isSelf(peer, isOwn)).map(({ address }) => address),
    ...cores.map(keyOf),
  ]);
  return [...all].filter((key) => !own.has(key) && !seen.has(key));
}

/** Whether a core is this ProxySQL itself; its comment is not in what is seen of the cores. */
function isSelf({ address }: Peer, isOwn: IsOwn): boolean {
  const [, ip, name, port] = /^(?:\[(.*)\]|(.*)):(\d+)$/.exec(address) ?? [];
  return isOwn({ host: ip ?? name ?? "", port: Number(port) });
}
