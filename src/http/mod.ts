export type { HttpContext } from "./context.ts";
export { Fleet } from "./fleet/mod.ts";
export { httpApp } from "./http_app.ts";
