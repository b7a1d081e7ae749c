export { BUILD, pageRoutes } from "./page_routes.ts";
