import type { App, AppConfig, ServiceManager } from "../../../app/mod.ts";
import type { EventStream } from "../../../events/mod.ts";
import type { Terminal } from "../../invocation.ts";
import { messageOf } from "../../../text/message.ts";
import { refuseDebugger } from "../../debugger.ts";

export interface Reload {
  readonly app: App;
  readonly stream: EventStream;
  /** The configuration file. */
  readonly file: string;
  /** Reads it; returns undefined if it is wrong, after reporting the errors. */
  load(terminal: Terminal): Promise<AppConfig | undefined>;
  /** Is told of each reload; undefined: there is none. */
  readonly manager: Pick<ServiceManager, "reloading" | "ready"> | undefined;
}

/** Whether and when to read the configuration again. */
export class ReloadSignal {
  #asked = false;
  #serve: (() => void) | undefined;

  /**
   * Listens from now on: a SIGHUP that comes before there is anything to reload is kept until {@linkcode serve}, instead
   * of ending the program. SIGUSR1 is ignored.
   */
  constructor() {
    Deno.addSignalListener("SIGHUP", () => {
      this.#asked = true;
      this.#serve?.();
    });
    refuseDebugger();
  }

  /**
   * Reads the configuration again at each SIGHUP. If all of it is valid the program continues with it; otherwise nothing
   * changes, and one event says why.
   */
  serve(reload: Reload, terminal: Terminal): void {
    let last = Promise.resolve();
    this.#serve = () => last = last.then(() => reloadNow(reload, terminal));
    if (this.#asked) this.#serve();
  }
}

/**
 * Never fails: whatever is wrong with a file, the program continues as before. What the reload still has to do then, such
 * as to leave a server that hangs, is not waited for: the next one may be to protect somebody.
 */
async function reloadNow(reload: Reload, terminal: Terminal): Promise<void> {
  reload.manager?.reloading();
  await takeOver(reload, terminal);
  reload.manager?.ready();
}

async function takeOver({ app, stream, file, load }: Reload, terminal: Terminal): Promise<void> {
  const told: string[] = [];
  const refuse = (...problems: readonly string[]) =>
    stream.emit({ event: "config", state: "refused", file, problems: [...told, ...problems] });
  const failed = (error: unknown) => refuse(messageOf(error));
  try {
    const next = await load({ ...terminal, warn: (...lines) => void told.push(...lines) });
    if (next === undefined) return refuse();
    if (told.length > 0) terminal.warn(...told);
    app.reload(next).catch(failed);
  } catch (error) {
    failed(error);
  }
}
