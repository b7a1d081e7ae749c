import type { Account, Address } from "../../src/config/mod.ts";
import { type Act, Admin, type AdminState, type AdminTarget, type Intend } from "../../src/proxysql/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { ADMIN, type ProxysqlStandIn, STATS } from "../lab/proxysql/stand_in.ts";

/** The account of an administrator, or of somebody who may read statistics. */
export function accountOf(account: typeof ADMIN = ADMIN): Account {
  return { user: account.user, password: new Secret(account.password) };
}

/** How to reach a stand-in. */
export function targetOf({ port }: ProxysqlStandIn, more: Partial<AdminTarget> = {}): AdminTarget {
  const address: Address = { host: "127.0.0.1", port };
  return { address, tls: { mode: "preferred" }, timeout: 2000, account: accountOf(), ...more };
}

/** An admin interface with a clock that is set, and what it told. */
export function adminOf(proxy: ProxysqlStandIn, more: Partial<AdminTarget> = {}) {
  const clock = { time: 0, now: () => clock.time };
  const told: (AdminState | string)[] = [];
  const target = Object.defineProperties(targetOf(proxy), Object.getOwnPropertyDescriptors(more));
  const admin = new Admin(target, {
    clock,
    tell: (state, error) => told.push(error === undefined ? state : `${state}: ${error.message}`),
  });
  return { admin, clock, told };
}

/** Writes down acts in a list, each with its outcome behind it. */
export function recordOf(): { readonly acts: (Act | string)[]; readonly intend: Intend } {
  const acts: (Act | string)[] = [];
  return {
    acts,
    intend(act) {
      acts.push(act);
      return Promise.resolve((outcome, reason) => {
        acts.push(reason === undefined ? outcome : `${outcome}: ${reason}`);
        return Promise.resolve();
      });
    },
  };
}

export { ADMIN, STATS };
