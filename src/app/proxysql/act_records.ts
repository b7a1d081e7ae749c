import type { Clock } from "../../clock.ts";
import { addressText, type ProxysqlConfig } from "../../config/mod.ts";
import { type ActRecord, actRecord } from "../../proxysql/mod.ts";
import { printable } from "../../text/control.ts";
import { messageOf } from "../../text/message.ts";

type Recorded = Pick<ProxysqlConfig, "acts" | "address">;

/** What an agent writes down of what it does, in the file that is configured at the time. */
export class ActRecords implements Disposable {
  readonly #clock: Clock;
  readonly #warn: (text: string) => void;
  readonly #records = new Map<string, ActRecord>();

  constructor({ clock, warn }: { readonly clock: Clock; warn(text: string): void }) {
    this.#clock = clock;
    this.#warn = warn;
  }

  of({ acts, address }: Recorded): ActRecord {
    const instance = addressText(address);
    const key = `${instance} ${acts}`;
    const record = this.#records.get(key) ?? actRecord(acts, {
      ...{ clock: this.#clock, instance, rotates: true },
      lost: (reason) => this.#warn(`query-sniper: an outcome was not written down: ${printable(reason)}`),
    });
    this.#records.set(key, record);
    return record;
  }

  /** Says what programs before this one began, and never finished. */
  async tellAbandoned(config: Recorded): Promise<void> {
    try {
      for (const { act = "act", at } of await this.of(config).abandoned()) {
        const begun = `begun at ${printable(at)}: ${printable(act)}`;
        this.#warn(`query-sniper: a program before ended in the middle of this, ${begun}`);
      }
    } catch (error) {
      const reason = printable(messageOf(error));
      this.#warn(`query-sniper: what is done to ProxySQL cannot be written down: ${reason}`);
    }
  }

  [Symbol.dispose](): void {
    for (const record of this.#records.values()) record[Symbol.dispose]();
  }
}
