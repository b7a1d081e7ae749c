// The status page with 300 hurt databases, in Chromium: how long from its address to the last card, and to the last line
// of a drawing, with server, browser and page on this machine; and for how long it holds up a reader at once, each second.

import { fleetNames, serveStage, Stage } from "../http/stage.ts";
import { DESKTOP, startBrowser } from "../browser/browser.ts";
import { waitFor } from "../lab/wait_for.ts";
import { type Benchmark, median, pause, quantile, round } from "./figure.ts";

const DATABASES = 300;
const OPENINGS = 10;
const QUICK_OPENINGS = 3;
const STEP = 5_000;
const MINUTES = 14;

/** Run in the page before its own scripts: when all was there, and what took longer than 50 ms. */
const WATCH = `
  globalThis.long = [];
  new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: "longtask", buffered: true });
  const after = (name) => requestAnimationFrame(() => setTimeout(() => globalThis[name] ??= performance.now()));
  const watch = new MutationObserver(() => {
    if (document.querySelectorAll(".card").length < ${DATABASES}) return;
    after("drawn");
    if (document.querySelectorAll(".card .line:not([d])").length > 0) return;
    after("plotted");
    watch.disconnect();
  });
  watch.observe(document, { childList: true, subtree: true, attributeFilter: ["d"] });`;

export const page: Benchmark = async ({ quick }) => {
  const names = fleetNames(DATABASES).map((name) => name.replace("dry-", ""));
  const stage = new Stage({ names });
  for (const name of names) stage.connected(name);
  const look = (at: number) => {
    for (const [n, name] of names.entries()) {
      stage.look(name, { lag: 40_000 + (at / 7 + n * 500) % 30_000, at });
    }
  };
  for (let ago = MINUTES * 60_000; ago >= 0; ago -= STEP) look(Date.now() - ago);
  const timer = setInterval(() => look(Date.now()), 1_000);
  const served = await serveStage(stage);
  const browser = await startBrowser();
  const drawn: number[] = [];
  const plotted: number[] = [];
  const held: number[] = [];
  try {
    for (let n = 0; n < (quick ? QUICK_OPENINGS : OPENINGS); n++) {
      const opened = await browser.newPage(DESKTOP);
      await opened.addInitScript(WATCH);
      await opened.goto(served.url);
      plotted.push(
        (await waitFor("all lines", () => opened.evaluate<number | undefined>("globalThis.plotted")))!,
      );
      drawn.push(await opened.evaluate<number>("drawn"));
      await opened.evaluate("long.length = 0");
      await pause(3_000);
      held.push(await opened.evaluate<number>("Math.max(0, ...long)"));
      await opened.close();
    }
  } finally {
    clearInterval(timer);
    await browser.close();
    await served.end();
  }
  const what = `status page of ${DATABASES} hurt databases`;
  const figure = (part: string, values: readonly number[], target: number) => ({
    benchmark: "page",
    what: `${what}, ${part}`,
    ours: `${round(median(values))} ms`,
    target: `<= ${target} ms`,
    met: median(values) <= target,
    note: `${round(quantile(values, 1))} ms at most, of ${values.length}`,
  });
  return [
    figure("until all cards are shown", drawn, 1_000),
    figure("until all lines are drawn", plotted, 1_500),
    figure("the longest time that it holds up a reader later", held, 300),
  ];
};
