export { App } from "./app.ts";
export type { AppConfig } from "./app_config.ts";
