import type { DatabaseSync } from "node:sqlite";
import { dayOf } from "./day.ts";
import { databaseId } from "./dictionary.ts";
import { prepared, rowOf, rowsOf } from "./sql.ts";

/** What a server says of one of its own digests since it began to count: how often it ran, and for how long together. */
export interface DigestCount {
  readonly serverDigest: string;
  readonly count: number;
  readonly time_ms: number;
}

/** How often a digest ran since the reading before. */
export interface Executed {
  /** This program's own digest. */
  readonly digest: string;
  readonly count: number;
  readonly time_ms: number;
}

/** Of so many killed digests the executions are asked for on a database. */
const MOST = 100;

/** The executions of one database's killed digests, from one reading of its summary to the next. */
export class Executions {
  /** This program's digests, by the server's. */
  readonly #digests = new Map<string, string>();
  #server = "";
  #counts = new Map<string, DigestCount>();

  /** A statement was killed there. */
  killed(digest: string, serverDigest: string): void {
    this.#digests.delete(serverDigest);
    this.#digests.set(serverDigest, digest);
    const [oldest] = this.#digests.keys();
    if (this.#digests.size > MOST) this.#digests.delete(oldest!);
  }

  /** The server's digests to ask for. */
  get wanted(): readonly string[] {
    return [...this.#digests.keys()];
  }

  /**
   * A reading of the summary. Returns what ran since the one before; of what was not there before that is unknown, and
   * so is all where another server answered.
   * @param server The server process that was read.
   */
  read(server: string, counts: readonly DigestCount[]): readonly Executed[] {
    const before = server === this.#server ? this.#counts : new Map<string, DigestCount>();
    this.#server = server;
    this.#counts = new Map(counts.map((each) => [each.serverDigest, each]));
    return counts.flatMap((now) => {
      const digest = this.#digests.get(now.serverDigest);
      const known = before.get(now.serverDigest);
      if (digest === undefined || known === undefined) return [];
      // Somebody has emptied the summary: what it has is what ran since then.
      const start = now.count < known.count ? { count: 0, time_ms: 0 } : known;
      const count = now.count - start.count;
      return count === 0 ? [] : [{ digest, count, time_ms: Math.max(0, now.time_ms - start.time_ms) }];
    });
  }
}

/** Adds what ran. For use within a transaction. */
export function addExecutions(
  journal: DatabaseSync,
  { database, at, executed }: {
    readonly database: string;
    readonly at: number;
    readonly executed: readonly Executed[];
  },
): void {
  const place = databaseId(journal, database);
  for (const { digest, count, time_ms } of executed) {
    const known = rowOf<{ readonly id: number }>(journal, "SELECT id FROM digest WHERE digest = ?", digest);
    if (known === undefined) continue;
    prepared(
      journal,
      "INSERT INTO executions (day, database, digest, count, time_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE " +
        "SET count = count + excluded.count, time_ms = time_ms + excluded.time_ms",
    ).run(dayOf(at), place, known.id, count, time_ms);
  }
}

/**
 * The digests that were killed on a database since a moment, with the server's own, the last ones last.
 * @param since Milliseconds since 1970.
 */
export function killedDigests(
  journal: DatabaseSync,
  database: string,
  since: number,
): readonly { readonly digest: string; readonly server_digest: string }[] {
  return rowsOf(
    journal,
    "SELECT g.digest, g.server_digest FROM (SELECT d.digest, max(d.at) AS at FROM decision d " +
      "WHERE d.database = (SELECT id FROM database WHERE name = ?) AND d.at >= ? AND d.intended = 1 " +
      "GROUP BY d.digest ORDER BY 2 DESC LIMIT ?) k JOIN digest g ON g.id = k.digest " +
      "WHERE g.server_digest IS NOT NULL ORDER BY k.at",
    database,
    Math.round(since),
    MOST,
  );
}
