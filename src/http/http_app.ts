import { Hono } from "hono";
import type { HttpContext } from "./context.ts";

/** All routes, behind no guard: whoever serves them checks who asks. */
export function httpApp(_context: HttpContext): Hono {
  return new Hono();
}
