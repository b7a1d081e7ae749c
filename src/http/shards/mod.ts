export { COORDINATOR_SITE } from "./coordinator_site.ts";
export { groupPage } from "./group_page.ts";
