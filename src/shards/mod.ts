export { type CheckReport, checkShards, type ShardReport } from "./check/check_shards.ts";
export { type InitStep, initSteps, runSteps } from "./check/init.ts";
export { openEndpoint } from "./router/endpoint.ts";
export { type OpenRouter, openRouter } from "./router/open_router.ts";
export { RouterProblem } from "./router/problem.ts";
export { routerApp } from "./router/router_app.ts";
