import type { Row } from "../../connection/mod.ts";
import type { ProxysqlEvent } from "../../events/mod.ts";
import { backendOf } from "../../proxysql/mod.ts";

type BackendEvent = Extract<ProxysqlEvent, { readonly event: "proxysql-backend" }>;

/** Tells when a server behind a ProxySQL has another status. It knows those of the last look, and no more. */
export class BackendChanges {
  #known: ReadonlyMap<string, string> | undefined;

  /** Of servers that are new, those that are online are nothing to tell. */
  take(rows: readonly Row[], proxysql: string): readonly BackendEvent[] {
    const before = this.#known ?? new Map<string, string>();
    const now = new Map<string, string>();
    const events: BackendEvent[] = [];
    for (const { hostgroup, address, status } of rows.map(backendOf)) {
      const key = `${hostgroup} ${address}`;
      now.set(key, status);
      const was = before.get(key);
      if (was === status || (was === undefined && status === "ONLINE")) continue;
      events.push({
        ...{ event: "proxysql-backend", proxysql, backend: address, hostgroup: hostgroup ?? -1, status },
        ...was !== undefined && { before: was },
      });
    }
    this.#known = now;
    return events;
  }
}
