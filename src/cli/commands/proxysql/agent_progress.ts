import type { ProxysqlService } from "../../../app/proxysql/mod.ts";
import type { ServiceManager } from "../../../app/mod.ts";
import { addressText } from "../../../config/mod.ts";

type Watched = Parameters<ServiceManager["begin"]>[0];

/** What a service manager is told of an agent: that it goes on to look, whatever ProxySQL does. */
export function describeAgent(service: ProxysqlService): Watched {
  return {
    status() {
      const { address, interval } = service.config.proxysql;
      const { looks, errors } = service.counts;
      return {
        databases: [{
          ...{ name: addressText(address), mode: "dry-run", interval, connected: true, hurt: false },
          ...{ looks, kills: 0, errors },
        }],
      };
    },
    text(silent) {
      const { address, role } = service.config.proxysql;
      return `ProxySQL ${addressText(address)}, role ${role}, ${service.summary}${
        silent > 0 ? ", not looked at any more" : ""
      }`;
    },
  };
}
