import { type AppConfig, StartError } from "../../../app/mod.ts";
import { type Clock, systemClock } from "../../../clock.ts";
import type { EndpointConfig, ShardingConfig } from "../../../config/mod.ts";
import type { EventStream } from "../../../events/mod.ts";
import { ListenError } from "../../../http/server/mod.ts";
import { errorText } from "../../../text/message.ts";
import { openCoordinator } from "../coordinator/open_coordinator.ts";
import { helpText, type Part, type PartOptions } from "./part.ts";
import { openRouterPart } from "./router_part.ts";

/** How long requests, moves and changes under way may take once the program is told to stop, in milliseconds. */
const LAST_WORK = 10_000;

/** What `run` serves beside its kills: the router and the coordinator. Whatever becomes of them, kills go on. */
export class Beside {
  readonly #parts: readonly Part[];
  readonly #clock: Clock;
  readonly #stop: AbortController;
  #running: readonly Promise<void>[] = [];

  constructor(
    parts: readonly Part[],
    { clock, stop }: { readonly clock: Clock; readonly stop: AbortController },
  ) {
    this.#parts = parts;
    this.#clock = clock;
    this.#stop = stop;
  }

  /**
   * Begins their work.
   * @param failed Is told of a part that has ended by an error; it is not begun again.
   */
  begin(failed: (part: string, error: unknown) => void): void {
    this.#running = this.#parts.map(async (part) => {
      try {
        await part.run();
      } catch (error) {
        failed(part.name, error);
      }
      await part.end().catch((error) => failed(part.name, error));
    });
  }

  /** Ends all of them, after what is under way, as far as that does not take too long: it can be ended at any point. */
  async end(): Promise<void> {
    this.#stop.abort();
    await Promise.race([Promise.all(this.#running), this.#clock.sleep(LAST_WORK)]);
  }

  /** Ends what was not begun. */
  async leave(): Promise<void> {
    await Promise.allSettled(this.#parts.map((part) => part.end()));
  }
}

/**
 * Listens for what is configured, and does not begin yet.
 * @param options.isDry Whether the coordinator only says what it would do.
 * @throws {StartError} It cannot listen there, or a file is missing.
 */
export async function openBeside(
  { config: { sharding, endpoint, pause }, databases }: AppConfig,
  { stream, isDry, warn }: { readonly isDry: boolean } & Omit<PartOptions, "signal">,
): Promise<Beside> {
  const stop = new AbortController();
  const { signal } = stop;
  const parts: Part[] = [];
  try {
    const group = sharding ?? endpoint;
    if (group?.router.isWritten === true) {
      parts.push(await openRouterPart(group, { stream, signal, warn, databases }));
    }
    if (sharding?.admin.isWritten === true) {
      const armed = isDry ? { ...sharding, mode: "dry-run" as const } : sharding;
      const serving = { stream, signal, pause, warn };
      parts.push(await coordinatorPart({ sharding: armed, databases }, serving));
    }
  } catch (error) {
    await new Beside(parts, { clock: systemClock, stop }).leave();
    throw error;
  }
  return new Beside(parts, { clock: systemClock, stop });
}

async function coordinatorPart(...[group, serving]: Parameters<typeof openCoordinator>): Promise<Part> {
  try {
    const open = await openCoordinator(group, serving);
    if (typeof open === "string") throw new StartError(open);
    return { name: "coordinator", ...open };
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    throw new StartError(`${error.message}${helpText("coordinator", "sharding.admin.listen")}`);
  }
}

/** Emits the event of a part that has ended by an error. */
export function failedEvent(
  stream: EventStream,
  { schema }: Pick<ShardingConfig | EndpointConfig, "schema">,
): (part: string, error: unknown) => void {
  return (part, error) =>
    stream.emit({
      event: "shards",
      state: "failed",
      schema,
      reason: `the ${part}: ${errorText(error)}: kills go on; start the program again`,
    });
}
