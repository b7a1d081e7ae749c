import type { Unknown } from "../../language/mod.ts";

/** What InnoDB's status says about sessions with a transaction. */
export interface ReadViews {
  /**
   * By connection id: the first transaction id that an open read view does not see. It was the next id when the view
   * was opened, so the smallest belongs to the oldest view. 0 means no view.
   */
  readonly limits: ReadonlyMap<number, number>;
  /** The connections whose transaction is prepared by XA: it outlives them, and a kill does not roll it back. */
  readonly prepared: ReadonlySet<number>;
}

/**
 * Reads the open read views out of `SHOW ENGINE INNODB STATUS`. MariaDB lists all transactions there; MySQL leaves
 * out those that have not written (trx0trx.cc: only rw_trx_list is printed).
 *
 * The text quotes statements, which may contain anything, even fake lines in InnoDB's format. The real lines are
 * still there, so a connection that is listed twice reveals the fake, and the whole text is rejected.
 */
export function parseReadViews(status: string): ReadViews | Unknown {
  const start = status.indexOf(LIST);
  if (start < 0) return { unknown: "InnoDB's status lists no transactions" };
  const list = status.slice(start);
  // Past 1 MiB the server cuts this list in the middle (srv_printf_innodb_monitor).
  if (list.includes("... truncated...")) return { unknown: "InnoDB's status is too long, and was cut" };
  const limits = new Map<number, number>();
  const prepared = new Set<number>();
  for (const block of list.split(/^---TRANSACTION /m).slice(1)) {
    const id = /^(?:MySQL|MariaDB) thread id (\d+), /m.exec(block)?.[1];
    if (id === undefined) continue;
    const views = [...block.matchAll(/^Trx read view will not see trx with id >= (\d+), sees < \d+$/mg)];
    if (limits.has(Number(id)) || views.length > 1) {
      return { unknown: "a statement's text looks like a part of InnoDB's status" };
    }
    limits.set(Number(id), Number(views[0]?.[1] ?? 0));
    if (/^(?:\d+|\(0x[0-9a-f]+\)), ACTIVE \(PREPARED\)/.test(block)) prepared.add(Number(id));
  }
  return { limits, prepared };
}

const LIST = "LIST OF TRANSACTIONS FOR EACH SESSION:";
