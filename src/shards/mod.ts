export { type OpenRouter, openRouter } from "./router/open_router.ts";
export { RouterProblem } from "./router/problem.ts";
export { routerApp } from "./router/router_app.ts";
