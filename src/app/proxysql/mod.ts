export { ProxysqlService, type ProxysqlServiceOptions, type ServedConfig } from "./service.ts";
