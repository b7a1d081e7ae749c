export { App, type Status } from "./app.ts";
export type { AppConfig } from "./app_config.ts";
