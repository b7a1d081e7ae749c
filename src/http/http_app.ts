import { Hono } from "hono";
import type { HttpContext } from "./context.ts";
import { answerErrors } from "./errors.ts";
import { loginPage } from "./login_page.ts";

/** All routes, behind no guard: whoever serves them checks who asks. */
export function httpApp(_context: HttpContext): Hono {
  const app = new Hono();
  answerErrors(app);
  app.route("/", loginPage());
  return app;
}
