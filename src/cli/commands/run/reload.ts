import type { App, AppConfig, ServiceManager } from "../../../app/mod.ts";
import type { EventStream } from "../../../events/mod.ts";
import type { Terminal } from "../../invocation.ts";
import { messageOf } from "../../../text/message.ts";

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

/**
 * Reads the configuration again. If all of it is valid the program continues with it; otherwise nothing changes, and one
 * event says why. Never fails, whatever is wrong with a file. What the reload still has to do then, such as to leave a server
 * that hangs, is not waited for: the next one may be to protect somebody.
 */
export async function reloadAll(reload: Reload, terminal: Terminal): Promise<void> {
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
