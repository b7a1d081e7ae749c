import { systemClock } from "../../src/clock.ts";
import { connect, disconnect, readHealth } from "../../src/mysql/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import type { Health } from "../../src/policy/mod.ts";
import { ACCOUNTS, type LabServer } from "../lab/mod.ts";

/** What one look at a server alone says of its replication. */
export async function lagOf({ host, port }: LabServer): Promise<Health> {
  const { user, password } = ACCOUNTS.sniper;
  const server = await connect({
    address: { host, port },
    tls: { mode: "preferred" },
    account: { user, password: new Secret(password) },
  }, { armed: false });
  try {
    const { health } = await readHealth(server.watching, server.capabilities, {
      needs: new Set(["lag", "lag_fetch", "lag_apply"]),
      lease: false,
      replication: { now: systemClock.now(), links: {}, rings: () => undefined, heartbeat: undefined },
    });
    return health;
  } finally {
    await disconnect(server);
  }
}
