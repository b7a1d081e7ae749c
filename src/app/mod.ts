export { App, type AppOptions } from "./app.ts";
export { openServiceManager } from "./keep_service_manager.ts";
export type { ServiceManager } from "./service_manager/service_manager.ts";
export { HttpListener } from "./http_listener.ts";
export type { AppConfig } from "./app_config.ts";
export { StartError } from "./start_error.ts";
