export { App, type AppOptions } from "./app.ts";
export type { AppConfig } from "./app_config.ts";
export { StartError } from "./start_error.ts";
