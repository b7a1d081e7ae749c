export { streamRoutes } from "./stream_routes.ts";
