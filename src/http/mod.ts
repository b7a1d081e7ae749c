export type { HttpContext } from "./context.ts";
export { Fleet } from "./fleet/mod.ts";
export { httpApp } from "./http_app.ts";
export { RequestCounts } from "./request_counts.ts";
export {
  type Caller,
  type HttpEnv,
  HttpServer,
  LIMITS,
  ListenError,
  shareOfHandles,
  Streams,
} from "./server/mod.ts";
