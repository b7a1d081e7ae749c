import type { CauseOptions, QueueHead, SessionDetails } from "../../target/mod.ts";
import type { Capabilities } from "../capabilities.ts";
import { type Connection, refusal } from "../../connection/mod.ts";
import type { Unknown } from "../../language/mod.ts";
import { readMetadataLockWaits } from "../locks/metadata_locks.ts";
import { readRowLockWaits } from "../locks/row_locks.ts";
import type { CostlyValues, Health, Session } from "../../policy/mod.ts";
import { readTransactions, type Transactions, transactionValues } from "../transactions/transactions.ts";
import { namesOfPart } from "../vocabulary/vocabulary.ts";
import { NO_WAITS, type WaitGraph, waitGraph } from "../locks/wait_graph.ts";

const TRANSACTION_NAMES = namesOfPart("transaction");
const LOCK_NAMES = namesOfPart("locks");

/** Whether any of the names requires locks to be read. */
export function needsLocks(needs: ReadonlySet<string>): boolean {
  return LOCK_NAMES.some((name) => needs.has(name));
}

/** Whether any of the names requires knowing who blocks whom. Knowing who waits takes less. */
export function needsBlockers(needs: ReadonlySet<string>): boolean {
  return needs.has("blocking") || needs.has("blocks_replication");
}

/**
 * Reads transactions and locks as needed, and adds their values to the sessions in question. A value that the
 * server refuses is unknown, with the reason.
 * @throws {DatabaseError} `lost`.
 */
export async function readCauses(
  connection: Connection,
  { locks }: Capabilities,
  sessions: readonly Session[],
  { ids, needs, selecting, health }: CauseOptions,
): Promise<SessionDetails> {
  const transactions = TRANSACTION_NAMES.some((name) => needs.has(name))
    ? await orUnknown(() => readTransactions(connection, locks, { needs, selecting }))
    : undefined;
  const graph = needsLocks(needs) ? await orUnknown(() => readWaits(connection, locks, health)) : undefined;
  return {
    sessions: sessions.map((session) =>
      ids.has(session.id)
        ? { ...session, ...transactionCauses(transactions, session.id), ...lockCauses(graph, session.id) }
        : session
    ),
    ...graph !== undefined && !("unknown" in graph) && { heads: headsOf(graph) },
    sessionless: transactions === undefined || "unknown" in transactions ? [] : transactions.sessionless,
  };
}

function headsOf({ roots, places }: WaitGraph): readonly QueueHead[] {
  return roots.map((id) => ({ id, blocking: places.get(id)?.blocking ?? 0 }));
}

async function readWaits(
  connection: Connection,
  locks: Capabilities["locks"],
  { row_lock_waits }: Health,
): Promise<WaitGraph> {
  const rows = row_lock_waits === 0 ? NO_WAITS : await readRowLockWaits(connection, locks);
  return waitGraph([rows, await readMetadataLockWaits(connection, locks)]);
}

async function orUnknown<T>(read: () => Promise<T>): Promise<T | Unknown> {
  try {
    return await read();
  } catch (error) {
    return { unknown: refusal(error).message };
  }
}

function transactionCauses(transactions: Transactions | Unknown | undefined, id: number): CostlyValues {
  if (transactions === undefined) return {};
  if (!("unknown" in transactions)) return transactionValues(transactions, id);
  return Object.fromEntries(TRANSACTION_NAMES.map((name) => [name, transactions]));
}

/** If blockers may be missing, a session that is not known to block anybody may still do so. */
function lockCauses(graph: WaitGraph | Unknown | undefined, id: number): CostlyValues {
  if (graph === undefined) return {};
  if ("unknown" in graph) return Object.fromEntries(LOCK_NAMES.map((name) => [name, graph]));
  const { waiting, blocking, blocks_replication } = graph.places.get(id) ??
    { waiting: false, blocking: 0, blocks_replication: false };
  const blockers = graph.blockers.get(id);
  const known = { waiting, ...blockers && { waits_for: blockers.join(",") } };
  if (graph.gap === undefined) return { ...known, blocking, blocks_replication };
  return {
    ...known,
    blocking: { unknown: graph.gap, ...blocking > 0 && { atLeast: blocking } },
    blocks_replication: blocks_replication || { unknown: graph.gap },
  };
}
