import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

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
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (request.url() !== `file://${file}`) requests.push(request.url());
  });
  await page.goto(`file://${file}`, { waitUntil: "load" });
  return {
    page,
    complaints,
    requests,
    async [Symbol.asyncDispose]() {
      await context.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
