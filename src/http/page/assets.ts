import card from "./assets/card.js" with { type: "text" };
import cards from "./assets/cards.css" with { type: "text" };
import chart from "./assets/chart.js" with { type: "text" };
import decisionsStyle from "./assets/decisions.css" with { type: "text" };
import decisions from "./assets/decisions.js" with { type: "text" };
import dom from "./assets/dom.js" with { type: "text" };
import feed from "./assets/feed.js" with { type: "text" };
import figures from "./assets/figures.js" with { type: "text" };
import headline from "./assets/headline.js" with { type: "text" };
import icon from "./assets/icon.svg" with { type: "text" };
import loginPage from "./assets/login.html" with { type: "text" };
import login from "./assets/login.js" with { type: "text" };
import order from "./assets/order.js" with { type: "text" };
import others from "./assets/others.js" with { type: "text" };
import page from "./assets/page.css" with { type: "text" };
import pause from "./assets/pause.js" with { type: "text" };
import sentence from "./assets/sentence.js" with { type: "text" };
import statusStyle from "./assets/status.css" with { type: "text" };
import statusPage from "./assets/status.html" with { type: "text" };
import status from "./assets/status.js" with { type: "text" };
import topLine from "./assets/top_line.js" with { type: "text" };
import trace from "./assets/trace.js" with { type: "text" };
import words from "./assets/words.js" with { type: "text" };

const SCRIPTS = {
  ...{ card, chart, decisions, dom, feed, figures, headline, order, others, pause, sentence, status },
  ...{ top_line: topLine, trace, words },
};

const STYLES = { page, status: [statusStyle, cards, decisionsStyle].join("\n") };

/** What is served as it is. */
export interface Asset {
  readonly type: string;
  readonly text: string;
}

const LOGIN = { dom, login };

const TYPES = { js: "text/javascript", css: "text/css" };

/** The status page and all that it loads, by path. Below `/login` is what nobody needs a token for. */
export const ASSETS: Readonly<Record<string, Asset>> = {
  "/": { type: "text/html", text: statusPage },
  "/login": { type: "text/html", text: loginPage },
  "/favicon.svg": { type: "image/svg+xml", text: icon },
  // Asked for by what shows another page of this server.
  "/favicon.ico": { type: "image/svg+xml", text: icon },
  ...named("/login", "js", LOGIN),
  ...named("/login", "css", { page }),
  ...named("/assets", "js", SCRIPTS),
  ...named("/assets", "css", STYLES),
};

/** Assets of one kind, by their paths. */
export function named(
  folder: string,
  ending: keyof typeof TYPES,
  texts: Readonly<Record<string, string>>,
): Readonly<Record<string, Asset>> {
  return Object.fromEntries(
    Object.entries(texts).map((
      [name, text],
    ) => [`${folder}/${name}.${ending}`, { type: TYPES[ending], text }]),
  );
}
