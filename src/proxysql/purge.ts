import { carryOut, type Intend } from "./act.ts";
import type { Clock } from "../clock.ts";
import type { Admin } from "./admin.ts";
import type { Dumped } from "./digest_dump.ts";
import type { DigestStore } from "./digest_store.ts";
import { STATEMENTS } from "./statement.ts";
import { byName, integerOf } from "./value.ts";

/** What became of ProxySQL's digests: emptied, or not, and why. */
export interface Purged {
  readonly done: boolean;
  readonly why: string;
  /** They take less than is configured, as they mostly do. */
  readonly isBelow?: true;
}

/**
 * What is counted between the read and the emptying is in no dump. So it has to be short: no longer than this, in
 * milliseconds, and so many times what ProxySQL took to hand its digests over, since many of them take as long to write.
 */
const LONGEST_GAP = 5000;
const READS = 2;

/** How much memory ProxySQL's digests take, in bytes; undefined where it does not tell. @throws {AdminError} */
export async function digestMemory(admin: Admin): Promise<bigint | undefined> {
  return integerOf(byName(await admin.rows(STATEMENTS.memory())).get("query_digest_memory"));
}

/**
 * Empties ProxySQL's digests if they take as much memory as is configured. Only after a dump that is on the disk, and not
 * where somebody else empties them too: they would lose what this program empties, and it what they do.
 * @throws {AdminError}
 * @throws {Error} What `intend` throws, and then nothing was emptied.
 */
export async function purgeDigests(
  admin: Admin,
  store: DigestStore,
  { memory, dumped, clock, intend }: {
    readonly memory: number;
    /** That of the dump. */
    readonly clock: Pick<Clock, "now">;
    readonly dumped: Dumped;
    /** Is asked before they are emptied. */
    readonly intend: Intend;
  },
): Promise<Purged> {
  const taken = await digestMemory(admin);
  if (taken === undefined) {
    return { done: false, why: "ProxySQL does not tell how much memory its digests take" };
  }
  if (taken < BigInt(memory)) {
    return { done: false, why: `they take ${taken} bytes, less than ${memory}`, isBelow: true };
  }
  if (dumped.othersReset) {
    return { done: false, why: "somebody else empties them too: find out who, before this program does" };
  }
  if (!admin.mayWrite) return { done: false, why: "this needs an administrator" };
  const gap = clock.now() - dumped.readAt;
  const words = `${(gap / 1000).toFixed(1)}s after they were read`;
  if (gap > LONGEST_GAP + READS * dumped.manifest.read_ms) {
    return {
      done: false,
      why: `it is ${words}, and what was counted since would be lost: the next dump may`,
    };
  }
  const why = `they took ${taken} bytes: ${words}, and what was counted in between is in no dump`;
  const statement = STATEMENTS.purgeDigests();
  await carryOut(intend, { act: "purge", statements: [statement], reason: why }, async () => {
    // Told first: after a crash in between, digests that are gone are known to be ours.
    store.purged = dumped.now;
    await admin.run(statement);
  });
  store.forget();
  return { done: true, why };
}
