import { Hono } from "hono";

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Query Sniper: log in</title>
<script type="module" src="/login/login.js"></script>
<main>
<h1>Query Sniper</h1>
<form>
<label>Token <input type="password" name="token" autocomplete="current-password" required></label>
<button>Log in</button>
<p role="alert"></p>
</form>
</main>
</html>
`;

const SCRIPT = `const form = document.querySelector("form");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const response = await fetch("/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: form.elements.token.value }),
  });
  if (response.ok) location.assign("/");
  else form.querySelector("p").textContent = (await response.json()).error;
});
`;

/** Where people show their token. */
export function loginPage(): Hono {
  const app = new Hono();
  app.get("/login", (context) => context.html(PAGE));
  app.get(
    "/login/login.js",
    (context) => context.body(SCRIPT, 200, { "content-type": "text/javascript; charset=utf-8" }),
  );
  return app;
}
