import type { Clock } from "../clock.ts";
import type { SqlLog } from "../config/mod.ts";
import type { Level } from "../policy/mod.ts";
import type { Event, PublicEvent } from "./event.ts";
import { levelOf } from "./event_table.ts";
import { Queue } from "./queue.ts";
import { redact } from "./redact.ts";

/** A published event: without literals, with its time in milliseconds since 1970. */
export interface TimedEvent {
  readonly at: number;
  readonly level: Level;
  readonly event: PublicEvent;
}

export interface Subscriber {
  /** How many events may wait for it; more are dropped, and counted. */
  readonly capacity: number;
  /** Whether it wants an event; omitted = all of them. */
  wants?(event: TimedEvent): boolean;
  /** Takes the waiting events, in order. If it rejects, it gets no more. */
  receive(events: readonly TimedEvent[]): Promise<void>;
}

/** The state of a subscriber. */
export interface Subscription {
  /** How many events it missed because it was too slow or failed. */
  readonly dropped: number;
  /** Why it gets no more events, if that is so. */
  readonly failure: unknown;
  /** Waits until it has taken all waiting events, for at most `milliseconds`. */
  flush(milliseconds: number): Promise<void>;
  /** Ends the subscription. */
  end(): void;
}

/**
 * The only way for events out of the process. An event is redacted once and then goes to each subscriber; no
 * subscriber waits for another.
 */
export class EventStream {
  readonly #clock: Pick<Clock, "wall">;
  readonly #subscribers = new Map<Subscriber, Queue<TimedEvent>>();
  /** How many were missed by subscribers that have ended. */
  #droppedBefore = 0;
  /** What events show of a statement. */
  sql: SqlLog;

  constructor({ clock, sql }: { readonly clock: Pick<Clock, "wall">; readonly sql: SqlLog }) {
    this.#clock = clock;
    this.sql = sql;
  }

  /** How many events its subscribers missed, those that have ended included. */
  get dropped(): number {
    return [...this.#subscribers.values()].reduce((sum, { dropped }) => sum + dropped, this.#droppedBefore);
  }

  /** Sends an event to all subscribers. Never waits, and never fails because of one of them. */
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
      end: () => {
        if (this.#subscribers.delete(subscriber)) this.#droppedBefore += queue.dropped;
      },
    };
  }
}
