import type { Hono } from "hono";
import { type Asset, ASSETS, named } from "../page/assets.ts";
import groupStyle from "../page/group/group.css" with { type: "text" };
import groupPageText from "../page/group/group.html" with { type: "text" };
import group from "../page/group/group.js" with { type: "text" };
import sentence from "../page/group/group_sentence.js" with { type: "text" };
import words from "../page/group/group_words.js" with { type: "text" };
import poll from "../page/group/poll.js" with { type: "text" };
import renew from "../page/group/renew.js" with { type: "text" };
import table from "../page/group/shard_table.js" with { type: "text" };
import strip from "../page/group/strip.js" with { type: "text" };
import underWay from "../page/group/under_way.js" with { type: "text" };
import { pageRoutes } from "../page/page_routes.ts";

const SCRIPTS = {
  ...{ group, group_sentence: sentence, group_words: words, poll, renew, shard_table: table, strip },
  under_way: underWay,
};

/** What it has in common with the status page. */
const SHARED = /^\/(?:login|favicon\.|assets\/(?:page\.css|status\.css|(?:dom|feed|top_line|words)\.js)$)/;

/** The page of a group of shards and all that it loads, by path. */
export const GROUP_ASSETS: Readonly<Record<string, Asset>> = {
  ...Object.fromEntries(Object.entries(ASSETS).filter(([path]) => SHARED.test(path))),
  "/": { type: "text/html", text: groupPageText },
  ...named("/group", "js", SCRIPTS),
  ...named("/group", "css", { group: groupStyle }),
};

/** The page of a group of shards, its login, and what they load. */
export function groupPage(): Hono {
  return pageRoutes(GROUP_ASSETS);
}
