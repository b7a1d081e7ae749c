export { type CheckReport, checkShards, type ShardReport } from "./check/check_shards.ts";
export { type InitStep, initSteps, runSteps } from "./check/init.ts";
export { openEndpoint } from "./router/endpoint.ts";
export { type OpenRouter, openRouter } from "./router/open_router.ts";
export { RouterProblem } from "./router/problem.ts";
export type { QueryRequest } from "./router/request.ts";
export {
  clientGone,
  type HttpReply,
  type HttpRequest,
  MOST_REQUEST_BYTES,
  tooLarge,
} from "./router/http_message.ts";
export { REPLY_HEADERS, type RouterApp, routerApp } from "./router/router_app.ts";
