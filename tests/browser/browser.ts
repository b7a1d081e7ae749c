import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import type { PageElement } from "./dom.ts";

/** So that nothing but the page itself asks for anything. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Starts the Chromium of this machine. Throws what to install where there is none. */
export async function startBrowser(): Promise<Browser> {
  const named = Deno.env.get("CHROMIUM");
  for (const executablePath of named === undefined ? PLACES : [named]) {
    const isThere = await Deno.stat(executablePath).then(({ isFile }) => isFile, () => false);
    if (isThere) return await chromium.launch({ executablePath, args: FLAGS });
  }
  const where = named ?? PLACES.join(", ");
  throw new Error(
    `No Chromium at ${where}: install one (Debian: apt-get install chromium), or name one in $CHROMIUM`,
  );
}

/** A page that is open, and what it complained about and asked for since. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** Messages on its console, and errors. */
  readonly complaints: readonly string[];
  /** Addresses, that of the page itself left out. */
  readonly requests: readonly string[];
}

/** Opens a text as a page, from a file as a reader would. */
export async function openPage(
  browser: Browser,
  text: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/report.html`;
  await Deno.writeTextFile(file, text);
  const open = await openAddress(browser, `file://${file}`, options);
  return {
    ...open,
    async [Symbol.asyncDispose]() {
      await open[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Opens the page at an address. */
export async function openAddress(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (request.url() !== address) requests.push(request.url());
  });
  await page.goto(address, { waitUntil: "load" });
  return { page, complaints, requests, [Symbol.asyncDispose]: () => context.close() };
}

/** What pages are read on. */
export const SCREENS: Readonly<Record<string, BrowserContextOptions>> = {
  "desktop, light": { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  "desktop, dark": { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  "tablet, light": { viewport: { width: 768, height: 1024 }, colorScheme: "light" },
  "phone, light": { viewport: { width: 390, height: 844 }, colorScheme: "light" },
  "small phone, dark": { viewport: { width: 320, height: 640 }, colorScheme: "dark" },
};

/** The screen of most tests. */
export const DESKTOP = SCREENS["desktop, light"]!;

/** A test with a browser of its own, which ends with it. */
export function browserTest(name: string, run: (browser: Browser) => Promise<void>): void {
  Deno.test(name, async () => {
    const browser = await startBrowser();
    try {
      await run(browser);
    } finally {
      await browser.close();
    }
  });
}

/** Opens all that is shown on demand. */
export async function openDetails(page: Page): Promise<void> {
  await page.locator("details").evaluateAll((all: readonly PageElement[]) =>
    all.forEach((each) => each.setAttribute("open", ""))
  );
}

/** What axe finds, by all of its rules. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
  });
}
