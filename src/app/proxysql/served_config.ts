import type { Config, ProxysqlConfig } from "../../config/mod.ts";

/** A configuration with a ProxySQL. */
export type ServedConfig = Config & { readonly proxysql: ProxysqlConfig };
