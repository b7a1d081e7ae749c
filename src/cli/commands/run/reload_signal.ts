import type { App, AppConfig } from "../../../app/mod.ts";
import type { EventStream } from "../../../events/mod.ts";
import type { Terminal } from "../../invocation.ts";

/** What a reload takes. */
export interface Reload {
  readonly app: App;
  readonly stream: EventStream;
  /** The configuration file. */
  readonly file: string;
  /** Reads it; returns nothing where it is wrong, which is told. */
  load(terminal: Terminal): Promise<AppConfig | undefined>;
}

/**
 * Reads the configuration again at SIGHUP: where all of it is valid the program goes on with it, else nothing changes, and
 * one event says why. SIGUSR1, by which some tools have logs opened anew, does not end the program.
 */
export function reloadOnSignal(reload: Reload, terminal: Terminal): void {
  let last = Promise.resolve();
  Deno.addSignalListener("SIGHUP", () => last = last.then(() => reloadNow(reload, terminal)));
  Deno.addSignalListener("SIGUSR1", () => {});
}

/** Never fails: whatever is wrong with a file, the program goes on as before. */
async function reloadNow({ app, stream, file, load }: Reload, terminal: Terminal): Promise<void> {
  const told: string[] = [];
  try {
    const next = await load({ ...terminal, warn: (...lines) => void told.push(...lines) });
    if (next !== undefined) {
      if (told.length > 0) terminal.warn(...told);
      return await app.reload(next);
    }
  } catch (error) {
    told.push(error instanceof Error ? error.message : String(error));
  }
  stream.emit({ event: "config", state: "refused", file, problems: told });
}
