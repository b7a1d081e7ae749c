export { ProxysqlService, type ProxysqlServiceOptions } from "./service.ts";
export type { ServedConfig } from "./served_config.ts";
export { writesOf } from "./rights.ts";
