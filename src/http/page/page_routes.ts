import { createHash } from "node:crypto";
import { Hono } from "hono";
import { type Asset, ASSETS } from "./assets.ts";

/** Changes with any asset. */
export const BUILD = hash(Object.entries(ASSETS).map(([path, { text }]) => `${path}\n${text}`).join("\n"));

/**
 * The status page, its login, and what they load; or what else is served so. A browser asks each time whether that has
 * changed.
 */
export function pageRoutes(assets: Readonly<Record<string, Asset>> = ASSETS): Hono {
  const routes = new Hono();
  for (const [path, asset] of Object.entries(assets)) serve(routes, path, asset);
  return routes;
}

function serve(routes: Hono, path: string, { type, text }: Asset): void {
  const etag = `"${hash(text)}"`;
  const headers = { etag, "cache-control": "no-cache" };
  routes.get(path, (context) => {
    const known = context.req.header("if-none-match")?.split(",").map((tag) =>
      tag.trim().replace(/^W\//, "")
    );
    if (known?.includes(etag)) return context.body(null, 304, headers);
    return context.body(text, 200, {
      ...headers,
      "content-type": `${type}; charset=utf-8`,
    });
  });
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}
