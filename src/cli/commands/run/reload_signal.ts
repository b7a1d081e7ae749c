import type { App, AppConfig } from "../../../app/mod.ts";
import type { EventStream } from "../../../events/mod.ts";
import type { Terminal } from "../../invocation.ts";

export interface Reload {
  readonly app: App;
  readonly stream: EventStream;
  /** The configuration file. */
  readonly file: string;
  /** Reads it; returns undefined if it is wrong, after reporting the errors. */
  load(terminal: Terminal): Promise<AppConfig | undefined>;
}

/**
 * Reads the configuration again at SIGHUP. If all of it is valid the program continues with it; otherwise nothing
 * changes, and one event says why. SIGUSR1, with which some tools ask for logs to be reopened, is ignored instead of
 * ending the program.
 */
export function reloadOnSignal(reload: Reload, terminal: Terminal): void {
  let last = Promise.resolve();
  Deno.addSignalListener("SIGHUP", () => last = last.then(() => reloadNow(reload, terminal)));
  Deno.addSignalListener("SIGUSR1", () => {});
}

/** Never fails: whatever is wrong with a file, the program continues as before. */
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
