import type { Browser, BrowserContextOptions } from "playwright-core";
import { decisions, fleetNames, serveStage, Stage, trouble } from "../http/stage.ts";
import { DESKTOP, openAddress, type OpenPage } from "./browser.ts";

/** A stage that is served, and looked at each second. */
export interface Show extends AsyncDisposable {
  readonly stage: Stage;
  readonly names: readonly string[];
  readonly url: string;
  /** As if the program ended, and as if it was started again on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function show(
  count: number,
  options: { readonly folder?: string; readonly token?: string } = {},
): Promise<Show> {
  const names = fleetNames(count);
  const stage = new Stage({ names, ...options });
  const tick = trouble(stage, names);
  await decisions(stage, names);
  const timer = setInterval(tick, 1_000);
  let served = await serveStage(stage, options);
  const { url } = served;
  return {
    ...{ stage, names, url },
    stop: () => served.end(),
    async start() {
      served = await serveStage(stage, { ...options, port: Number(new URL(url).port) });
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await served.end();
    },
  };
}

/** Opens the page and waits until it shows the fleet. */
export async function open(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = DESKTOP,
): Promise<OpenPage> {
  const opened = await openAddress(browser, url, options);
  await opened.page.locator("body[data-state=live]").waitFor();
  return opened;
}

/** Whatever a page says of a server that is gone is no complaint. */
export function complaintsOf({ complaints }: OpenPage): readonly string[] {
  return complaints.filter((text) => !text.includes("net::ERR_"));
}
