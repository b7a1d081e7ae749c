import type { ApiRoute } from "./api_route.ts";
import { ARCHIVE_ROUTES } from "./archive_routes.ts";
import { FLEET_ROUTES } from "./fleet_routes.ts";
import { PAUSE_ROUTES } from "./pause_routes.ts";

/** Every route of the API. */
export const API_ROUTES: readonly ApiRoute[] = [...FLEET_ROUTES, ...ARCHIVE_ROUTES, ...PAUSE_ROUTES];
