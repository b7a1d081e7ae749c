import type { Clock } from "../clock.ts";
import type { SqlLog } from "../config/mod.ts";
import type { Level } from "../policy/mod.ts";
import type { Event, PublicEvent } from "./event.ts";
import { levelOf } from "./event_table.ts";
import { Queue } from "./queue.ts";
import { redact } from "./redact.ts";

/** An event as it leaves: without literals, with its moment in milliseconds since 1970. */
export interface TimedEvent {
  readonly at: number;
  readonly level: Level;
  readonly event: PublicEvent;
}

/** Who is told of events. */
export interface Subscriber {
  /** How many events may wait for it; beyond that they are dropped, and counted. */
  readonly capacity: number;
  /** Whether it is told of an event at all; omitted = of each. */
  wants?(event: TimedEvent): boolean;
  /** Takes the events that wait, in order. Rejected: it is told of nothing more. */
  receive(events: readonly TimedEvent[]): Promise<void>;
}

/** How a subscriber does. */
export interface Subscription {
  /** How many events it was not told of, since it was too slow or failed. */
  readonly dropped: number;
  /** Why it is told of nothing more, once that is so. */
  readonly failure: unknown;
  /** Waits until it has taken what waits, for `milliseconds` at most. */
  flush(milliseconds: number): Promise<void>;
  /** It is told of nothing more. */
  end(): void;
}

/** The one way of events out of the process: redacted once, then to each subscriber, none of which waits for another. */
export class EventStream {
  readonly #clock: Pick<Clock, "wall">;
  readonly #subscribers = new Map<Subscriber, Queue<TimedEvent>>();
  /** What of a statement is told. */
  sql: SqlLog;

  constructor({ clock, sql }: { readonly clock: Pick<Clock, "wall">; readonly sql: SqlLog }) {
    this.#clock = clock;
    this.sql = sql;
  }

  /** Tells all subscribers. Never waits, and never fails for one of them. */
  emit(event: Event): void {
    const told = redact(event, this.sql);
    const timed = { at: this.#clock.wall(), level: levelOf(told), event: told };
    for (const [subscriber, queue] of this.#subscribers) {
      if (subscriber.wants?.(timed) ?? true) queue.push(timed);
    }
  }

  subscribe(subscriber: Subscriber): Subscription {
    const { capacity } = subscriber;
    const queue = new Queue<TimedEvent>({ capacity, drain: (events) => subscriber.receive(events) });
    this.#subscribers.set(subscriber, queue);
    return {
      get dropped() {
        return queue.dropped;
      },
      get failure() {
        return queue.failure;
      },
      flush: (milliseconds) => queue.flush(milliseconds),
      end: () => void this.#subscribers.delete(subscriber),
    };
  }
}
