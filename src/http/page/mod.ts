export { BUILD, PAGE_POLICY, pageRoutes } from "./page_routes.ts";
