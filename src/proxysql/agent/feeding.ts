import type { Row } from "../../connection/mod.ts";
import { type Part, PARTS } from "../statement.ts";
import { integerOf, placeOf, textOf } from "../value.ts";

/** What a ProxySQL has of a part of the configuration. */
export interface PartState {
  readonly part: Part;
  /** 1: as loaded at its start. Others copy only what has a higher one. */
  readonly version: bigint;
  readonly checksum: string;
}

/** What a core has of it, as another one sees it. */
export interface PeerPart extends PartState {
  readonly peer: string;
  /** For how many checks it has differed. */
  readonly differs: bigint;
}

export function partStatesOf(rows: readonly Row[]): readonly PartState[] {
  return rows.flatMap((row) => {
    const [part, version] = [textOf(row["name"]), integerOf(row["version"])];
    // What has version 0 was not read yet, or does not exist.
    if (!isPart(part) || version === undefined || version < 1n) return [];
    return [{ part, version, checksum: textOf(row["checksum"]) }];
  });
}

/** Of the cores that answer. */
export function peerPartsOf(rows: readonly Row[], answering: ReadonlySet<string>): readonly PeerPart[] {
  return rows.flatMap((row) => {
    const peer = placeOf(textOf(row["hostname"]).toLowerCase(), row["port"]);
    if (!answering.has(peer)) return [];
    return partStatesOf([row]).map((state) => ({
      ...state,
      peer,
      differs: integerOf(row["diff_check"]) ?? 0n,
    }));
  });
}

function isPart(name: string): name is Part {
  return Object.hasOwn(PARTS, name);
}

/** All have the same of these. Variables may differ on purpose, and scripts set them at a start. */
const COMMON: ReadonlySet<Part> = new Set(["mysql_servers", "mysql_users", "mysql_query_rules"]);

/**
 * The parts that nobody feeds: every core that answers has them at version 1, and they have differed for longer than at the
 * look before. Empty where only variables differ and some other part was stamped: these may be meant to differ.
 */
export function unfedParts(now: readonly PeerPart[], before: readonly PeerPart[]): readonly Part[] {
  const differed = new Map(before.map(({ peer, part, differs }) => [`${peer} ${part}`, differs]));
  const unstamped = (Object.keys(PARTS) as readonly Part[]).filter((part) => {
    const all = now.filter((each) => each.part === part);
    return all.length > 0 && all.every(({ version }) => version === 1n);
  });
  const unfed = unstamped.filter((part) =>
    now.some((each) => {
      const was = differed.get(`${each.peer} ${part}`);
      return each.part === part && was !== undefined && each.differs > was;
    })
  );
  const isWhole = now.every(({ version }) => version === 1n);
  return isWhole || unfed.some((part) => COMMON.has(part)) ? unfed : [];
}

/** Whether another core feeds its configuration, or a part of it. */
export function areStamped(peers: readonly PeerPart[]): boolean {
  return peers.some(({ part, version }) => COMMON.has(part) && version > 1n);
}

/**
 * The parts of which a core that answers has a stamped version, which is not what runs here. What runs here is from a start:
 * ProxySQL itself takes the other one for newer then, whenever it was made (read in its source).
 */
export function partsAhead(own: readonly PartState[], peers: readonly PeerPart[]): readonly Part[] {
  return own.filter(({ part, checksum }) =>
    peers.some((each) => each.part === part && each.version > 1n && each.checksum !== checksum)
  ).map(({ part }) => part);
}

/** Whether nothing but variables was stamped, copied or changed since ProxySQL started. */
export function isFresh(own: readonly PartState[]): boolean {
  return own.length > 0 && own.every(({ part, version }) => !COMMON.has(part) || version === 1n);
}
