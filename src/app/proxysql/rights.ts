import type { ProxysqlConfig } from "../../config/mod.ts";
import type { ProxysqlEvent } from "../../events/mod.ts";
import type { Admin } from "../../proxysql/mod.ts";

/** What of a configuration needs an administrator of ProxySQL. */
export function writesOf(
  { role, drainsAtEnd, digests }: Pick<ProxysqlConfig, "role" | "drainsAtEnd" | "digests">,
): readonly string[] {
  return [
    ...role === "none" ? [] : [`role ${role}`],
    ...drainsAtEnd ? ["drain"] : [],
    ...digests.purge !== undefined ? ["digests.purge"] : [],
  ];
}

export interface RightsOptions {
  /** The address of the admin interface. */
  readonly proxysql: string;
  readonly config: Pick<ProxysqlConfig, "role" | "drainsAtEnd" | "digests">;
  readonly admin: Pick<Admin, "mayWrite">;
  readonly isDryRun: boolean;
  tell(event: ProxysqlEvent): void;
}

/** Whether the account is an administrator, where the configuration needs one: who may read only is let in as well. */
export class Rights {
  readonly #options: RightsOptions;
  #isTold = false;

  constructor(options: RightsOptions) {
    this.#options = options;
  }

  /** Why it is not ready, once ProxySQL has answered; told as an event when that changes. */
  reasons(): readonly string[] {
    const { proxysql, config, admin, isDryRun, tell } = this.#options;
    const writes = writesOf(config);
    const isLacking = !admin.mayWrite && writes.length > 0 && !isDryRun;
    const reason = `the user of "proxysql" in the credentials file may read statistics only: ${
      writes.join(", ")
    }`;
    if (isLacking && !this.#isTold) {
      tell({ event: "proxysql-account", proxysql, reason, advice: ADVICE });
    }
    this.#isTold = isLacking;
    return isLacking ? [reason] : [];
  }
}

const ADVICE = 'name an administrator there (admin-admin_credentials), and this user in "proxysql-stats"';
