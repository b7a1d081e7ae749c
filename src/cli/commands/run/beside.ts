import { type AppConfig, StartError } from "../../../app/mod.ts";
import { type Clock, systemClock } from "../../../clock.ts";
import type { EndpointConfig, ShardingConfig } from "../../../config/mod.ts";
import type { EventStream } from "../../../events/mod.ts";
import { errorText, messageOf } from "../../../text/message.ts";
import type { openCoordinator } from "../coordinator/open_coordinator.ts";
import type { Part, PartOptions } from "./part.ts";
import { openRouterPart } from "./router_part.ts";

/** How long requests, moves and changes under way may take once the program is told to stop, in milliseconds. */
const LAST_WORK = 10_000;

/** How long to wait before a part tries again to listen, in milliseconds. */
const AGAIN = 10_000;

/** Is told what becomes of parts. */
export interface BesideNews {
  /** It has ended by an error, and is not begun again. */
  failed(part: Pick<Part, "name">, error: unknown): void;
  /** It cannot listen, and tries again by and by. Told once for each reason. */
  refused(part: Pick<Part, "name" | "address">, error: unknown): void;
}

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

  /** Begins their work, each as soon as it can listen. */
  begin(news: BesideNews): void {
    this.#running = this.#parts.map(async (part) => {
      try {
        await this.#listen(part, news);
        if (!this.#stop.signal.aborted) await part.run();
      } catch (error) {
        news.failed(part, error);
      }
      await part.end().catch((error) => news.failed(part, error));
    });
  }

  /** Who listens there now may end: kills do not wait for that. */
  async #listen(part: Part, { refused }: BesideNews): Promise<void> {
    const { signal } = this.#stop;
    let told: string | undefined;
    while (!signal.aborted) {
      try {
        return await part.listen();
      } catch (error) {
        const text = errorText(error);
        if (text !== told) refused(part, error);
        told = text;
        await this.#clock.sleep(AGAIN, signal);
      }
    }
  }

  /** Takes what their files of tokens and certificates have now. */
  async reload(): Promise<void> {
    await Promise.all(this.#parts.map((part) => part.reload()));
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
 * What is configured to be served. It does not listen yet.
 * @param options.isDry Whether the coordinator only says what it would do.
 * @throws {StartError} A file is missing or wrong.
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
  // With its page, which a router alone does not need.
  const { openCoordinator } = await import("../coordinator/open_coordinator.ts");
  const open = await openCoordinator(group, serving);
  if (typeof open === "string") throw new StartError(open);
  return { name: "coordinator", ...open };
}

/** Emits the events of what becomes of parts. */
export function besideEvents(
  stream: EventStream,
  { schema }: Pick<ShardingConfig | EndpointConfig, "schema">,
): BesideNews {
  return {
    failed: ({ name }, error) =>
      stream.emit({
        event: "shards",
        state: "failed",
        schema,
        reason: `the ${name}: ${errorText(error)}: kills go on; start the program again`,
      }),
    refused: ({ name, address }, error) =>
      stream.emit({
        event: "http",
        state: "refused",
        address,
        reason: `${messageOf(error)}; the ${name} is not served, kills go on, and it tries again every ` +
          `${AGAIN / 1000}s: end what listens there, such as "query-sniper ${name}" on this host, or leave ` +
          `sharding.${name === "router" ? "router" : "admin"}.listen out`,
      }),
  };
}
