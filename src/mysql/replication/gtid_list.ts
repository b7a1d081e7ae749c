/** The last transaction of a domain: the server that wrote it, and its sequence number. */
export interface DomainPosition {
  readonly server: number;
  readonly sequence: number;
}

/**
 * A position of MariaDB: the last transaction of each replication domain, by the domain's number as text.
 * Plain data, so that it can be written as JSON.
 */
export type GtidList = Readonly<Record<string, DomainPosition>>;

/** The domains that a replica replicates; all if neither is set. */
export interface DomainFilter {
  /** `Replicate_Do_Domain_Ids`: only these. */
  readonly only?: readonly string[];
  /** `Replicate_Ignore_Domain_Ids`: all but these. */
  readonly except?: readonly string[];
}

const GTID = /^([0-9]{1,10})-([0-9]{1,10})-([0-9]{1,16})$/;

/**
 * Parses a list of `domain-server-sequence`.
 * @returns undefined for anything else, and if a domain occurs twice.
 */
export function parseGtidList(text: string): GtidList | undefined {
  const result = new Map<string, DomainPosition>();
  for (const part of text.split(",").map((each) => each.trim())) {
    if (part === "") continue;
    const match = GTID.exec(part);
    const sequence = Number(match?.[3]);
    if (match === null || result.has(match[1]!) || !Number.isSafeInteger(sequence)) return undefined;
    result.set(match[1]!, { server: Number(match[2]), sequence });
  }
  return Object.fromEntries(result);
}

/** Whether a replica replicates a domain. */
export function follows({ only = [], except = [] }: DomainFilter, domain: string): boolean {
  return only.length > 0 ? only.includes(domain) : !except.includes(domain);
}

/**
 * Whether a replica at `list` has everything that its source had at `source`. Within a domain, sequence numbers
 * only grow (gtid_strict_mode, and the replication protocol).
 * @returns undefined if they cannot be compared: the replica knows nothing about a domain that it replicates, or
 * two servers used the same sequence number.
 */
export function reachedGtidList(
  list: GtidList,
  source: GtidList,
  filter: DomainFilter = {},
): boolean | undefined {
  let comparable = true;
  for (const [domain, theirs] of Object.entries(source)) {
    if (!follows(filter, domain)) continue;
    const own = list[domain];
    if (own === undefined || (own.sequence === theirs.sequence && own.server !== theirs.server)) {
      comparable = false;
    } else if (own.sequence < theirs.sequence) {
      return false;
    }
  }
  return comparable ? true : undefined;
}
