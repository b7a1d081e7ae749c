import { type DomainFilter, type GtidList, parseGtidList, reachedGtidList } from "./gtid_list.ts";
import { type GtidSet, includesGtidSet, isEmptyGtidSet, parseGtidSet } from "./gtid_set.ts";

/**
 * A position in a replication stream: for a source what it has written, for a replica what it has received or
 * applied. Positions of different kinds cannot be compared. Plain data.
 */
export type Position =
  | { readonly kind: "gtid_set"; readonly set: GtidSet }
  | { readonly kind: "gtid_list"; readonly list: GtidList; readonly filter?: DomainFilter }
  | {
    readonly kind: "file";
    /** The name of the binary log without its number. */
    readonly base: string;
    readonly number: number;
    /** In bytes. */
    readonly offset: number;
  };

/**
 * Parses MySQL's set. Undefined if it is malformed or empty: an empty set comes from a server without GTIDs, and
 * every replica would seem up to date.
 */
export function gtidSetPosition(text: string): Position | undefined {
  const set = parseGtidSet(text);
  return set === undefined || isEmptyGtidSet(set) ? undefined : { kind: "gtid_set", set };
}

/** Parses MariaDB's list, for a replica with its domain filter; undefined if it is malformed or empty. */
export function gtidListPosition(text: string, filter?: DomainFilter): Position | undefined {
  const list = parseGtidList(text);
  if (list === undefined || Object.keys(list).length === 0) return undefined;
  return { kind: "gtid_list", list, ...filter !== undefined && { filter } };
}

/** Parses the name of a binary log, such as `bin.000042`; undefined if it is malformed. */
export function filePosition(file: string, offset: number): Position | undefined {
  const match = /^(.+)\.([0-9]{1,15})$/.exec(file);
  if (match === null || !Number.isSafeInteger(offset) || offset < 0) return undefined;
  return { kind: "file", base: match[1]!, number: Number(match[2]), offset };
}

/**
 * Whether a replica at `replica` has everything that its source had at `source`.
 * @returns undefined if they cannot be compared.
 */
export function reached(replica: Position, source: Position): boolean | undefined {
  if (replica.kind === "gtid_set" && source.kind === "gtid_set") {
    return includesGtidSet(replica.set, source.set);
  }
  if (replica.kind === "gtid_list" && source.kind === "gtid_list") {
    return reachedGtidList(replica.list, source.list, replica.filter);
  }
  if (replica.kind !== "file" || source.kind !== "file" || replica.base !== source.base) return undefined;
  return replica.number > source.number ||
    (replica.number === source.number && replica.offset >= source.offset);
}
