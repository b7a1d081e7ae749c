import type { Clock } from "../clock.ts";
import { type ChannelConfig, type DatabaseConfig, namePattern } from "../config/mod.ts";
import type { EventStream, PublicEvent, Subscription, TimedEvent } from "../events/mod.ts";
import { channelTo } from "./channels.ts";
import { Courier, type Round } from "./courier.ts";
import { type Notice, NoticeReader } from "./notice.ts";
import { type Post, post } from "./post.ts";

export interface NotifierOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly stream: EventStream;
  /** How letters are sent; absent: by HTTP. */
  readonly post?: Post;
}

/** How many events may wait to be sorted, which takes no longer than a turn of the event loop. */
const CAPACITY = 20_000;
/** How long the sorting may take when the program ends, in milliseconds. */
const LAST_EVENTS = 100;
/** How long a channel that is no longer configured may still be told what waits for it, in milliseconds. */
const LAST_MESSAGE = 5000;

/** What may become a notice. */
const WANTED: readonly PublicEvent["event"][] = [
  ...["kill", "match", "abandoned", "gate", "budget", "lease", "journal"] as const,
  ...["pause", "unreachable", "connected"] as const,
];

/** A channel with what it is told of. */
interface Delivery {
  readonly config: ChannelConfig;
  readonly patterns: readonly RegExp[];
  readonly courier: Courier;
}

/** Tells people and machines what happens: sorts events by channel, and has a courier for each. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #reader = new NoticeReader();
  #deliveries: ReadonlyMap<string, Delivery> = new Map();
  readonly #subscription: Subscription;
  /** How many lost events have been told. */
  #missed = 0;
  /** The channels that a policy names, by database and policy. */
  #named: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#subscription = options.stream.subscribe({
      capacity: CAPACITY,
      wants: ({ event }) => WANTED.includes(event.event),
      receive: (events) => {
        this.#sort(events);
        return Promise.resolve();
      },
    });
  }

  /** Continues with these channels, and the policies of these databases. A known channel keeps what waits for it. */
  adopt(channels: readonly ChannelConfig[], databases: readonly NotifyingDatabase[] = []): void {
    this.#named = new Map(
      databases.flatMap(({ name, rules: { policies } }) =>
        policies.flatMap(({ name: policy, notify }) =>
          notify === undefined ? [] : [[key(name, policy), notify]]
        )
      ),
    );
    const before = this.#deliveries;
    this.#deliveries = new Map(channels.flatMap((config) => {
      const round = roundOf(config);
      return round === undefined
        ? []
        : [[config.name, this.#deliveryOf(config, round, before.get(config.name))]];
    }));
    for (const [name, { courier }] of before) {
      if (!this.#deliveries.has(name)) this.#retire(name, courier, LAST_MESSAGE);
    }
  }

  /** Tells what is still to tell, for at most about `milliseconds`. */
  async end(milliseconds: number): Promise<void> {
    await this.#subscription.flush(LAST_EVENTS);
    this.#subscription.end();
    await Promise.all(
      [...this.#deliveries].map(([name, { courier }]) => this.#retire(name, courier, milliseconds)),
    );
  }

  #deliveryOf(config: ChannelConfig, round: Round, before: Delivery | undefined): Delivery {
    const { clock, random, post: send = post } = this.#options;
    const { name, databases } = config;
    before?.courier.adopt(round);
    const courier = before?.courier ?? new Courier(round, {
      ...{ clock, random, post: send },
      told: (reason, waiting) => this.#tell(name, reason, waiting),
    });
    return { config, patterns: databases.map(namePattern), courier };
  }

  async #retire(name: string, courier: Courier, milliseconds: number): Promise<void> {
    const lost = await courier.end(milliseconds);
    if (lost > 0) this.#tell(name, "the program, or the channel, has ended", lost);
  }

  #tell(channel: string, reason: string | undefined, waiting: number): void {
    const { stream } = this.#options;
    if (reason === undefined) stream.emit({ event: "notify", channel, state: "recovered" });
    else stream.emit({ event: "notify", channel, state: "failed", reason, waiting });
  }

  #sort(events: readonly TimedEvent[]): void {
    const missed = this.#subscription.dropped - this.#missed;
    this.#missed += missed;
    const notices = events.flatMap((event) => this.#reader.read(event) ?? []);
    for (const post of this.#deliveries.values()) {
      if (missed > 0) post.courier.miss(missed);
      for (const notice of notices) {
        if (isFor(post, notice) || this.#isNamed(post, notice)) post.courier.add(toldTo(post, notice));
      }
    }
  }

  /** A policy tells what it does to the channels that it names, whatever else they are told of. */
  #isNamed({ config: { name } }: Delivery, { route, subject: { database, policy } }: Notice): boolean {
    return BY_NAME.includes(route) && database !== undefined && policy !== undefined &&
      (this.#named.get(key(database, policy))?.includes(name) ?? false);
  }
}

/** What a database's policies name channels for. */
export type NotifyingDatabase = Pick<DatabaseConfig, "name" | "rules">;

/** What a policy does. */
const BY_NAME: readonly Notice["route"][] = ["kill", "would-kill", "match"];

function key(database: string, policy: string): string {
  return `${database}:${policy}`;
}

function isFor(post: Delivery, { route, subject: { database } }: Notice): boolean {
  return route !== "match" && post.config.on.includes(route) && isAbout(post, database);
}

/** What concerns no database alone is for all. */
function isAbout({ patterns }: Delivery, database: string | undefined): boolean {
  return database === undefined || patterns.some((pattern) => pattern.test(database));
}

/** Who is not told of a gate learns of no end. */
function toldTo(post: Delivery, notice: Notice): Notice {
  const { kind, database } = notice.subject;
  const isEndless = kind === "policy" && !(post.config.on.includes("gate") && isAbout(post, database));
  return isEndless ? { ...notice, standing: "passing" } : notice;
}

function roundOf({ name, to, every }: ChannelConfig): Round | undefined {
  return to && { channel: channelTo(name, to), every };
}
