/** How long to look whether the debugger was opened, and how often, in milliseconds. */
const OPENS_WITHIN = 2000;
const LOOK = 5;

/**
 * Ignores SIGUSR1, with which some tools ask for logs to be opened again, in place of ending by it. Deno since 2.9.2 opens
 * its debugger at this signal (denoland/deno#35738), to whoever reaches 127.0.0.1:9229: they could run code as this
 * program, and read its passwords. No listener and no flag stops that, so it is closed at once. A compiled program has none.
 * @param also What to do besides.
 */
export function refuseDebugger(also: () => void = () => {}): void {
  Deno.addSignalListener("SIGUSR1", () => {
    also();
    if (!Deno.build.standalone) void closeDebugger();
  });
}

const WARNING =
  "query-sniper: Deno may have opened its debugger, by which others on this host can run code as this program: restart " +
  "it. Where it is started with --allow-sys it closes the debugger itself";

/** So many looks are left. */
let looks = 0;

async function closeDebugger(): Promise<void> {
  const isLooking = looks > 0;
  looks = OPENS_WITHIN / LOOK;
  if (isLooking) return;
  try {
    const inspector = await import("node:inspector");
    for (; looks > 0; looks--) {
      if (inspector.url() !== undefined) inspector.close();
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
  } catch (error) {
    looks = 0;
    // An older Deno neither opens one nor knows how to close it.
    if (!(error instanceof Deno.errors.NotCapable)) return;
    Deno.stderr.writeSync(new TextEncoder().encode(`${WARNING}\n`));
  }
}
