import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { type Clock, systemClock } from "../../src/clock.ts";
import { Chronicle } from "../../src/journal/mod.ts";
import { DAY, fillJournal } from "./filled.ts";
import { journalRows } from "./rows.ts";

const NOON = Date.UTC(2026, 10, 20, 12);

/** Time that passes when a test says so, and a clock on the wall that it can set. */
class SetClock implements Clock {
  #time = 0;
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  #setTo = NOON;

  now(): number {
    return this.#time;
  }

  wall(): number {
    return this.#setTo + this.#time;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      signal?.addEventListener("abort", () => resolve());
      this.#sleepers.push({ at: this.#time + milliseconds, wake: resolve });
    });
  }

  set(milliseconds: number): void {
    this.#setTo += milliseconds;
  }

  /** Lets time pass, a second after another. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      this.#time += 1000;
      const due = this.#sleepers.filter(({ at }) => at <= this.#time);
      this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#time);
      for (const { wake } of due) wake();
      await systemClock.sleep(0);
    }
  }
}

/** How many decisions of ten days are left after two hours, the clock being set meanwhile. */
async function left(setBy: number): Promise<number> {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "j.sqlite");
  const clock = new SetClock();
  const retention = { keep: 9 * DAY, maxSize: 2 ** 31 };
  try {
    fillJournal(file, { to: NOON, days: 10, perDay: 10 });
    const chronicle = new Chronicle(file, { clock, version: "1", once: false, retention, lost: () => {} });
    clock.set(setBy);
    await clock.pass(200);
    await chronicle.end();
    return journalRows(file).length;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a clock that is set years ahead, or back, does not make the journal forget", async () => {
  const usual = await left(0);
  assertEquals([usual > 80, usual < 100], [true, true], `${usual}`);
  assertEquals(await left(-3650 * DAY), 100);
  const ahead = await left(3650 * DAY);
  assertEquals([ahead > 70, ahead <= usual], [true, true], `${ahead}`);
});
