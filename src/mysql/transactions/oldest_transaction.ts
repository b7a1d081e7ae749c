import type { HealthRead } from "../reads/health_read.ts";
import { readTransactions } from "./transactions.ts";

/** The age of the oldest open transaction. Takes one or two statements of its own. */
export const readOldestTransaction: HealthRead = {
  names: ["oldest_transaction"],
  need: "transactions",
  async values(_found, { connection, capabilities: { locks } }) {
    const { oldest_transaction } = await readTransactions(connection, locks, { needs: new Set() });
    return { health: { oldest_transaction } };
  },
};
