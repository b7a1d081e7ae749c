// What /metrics costs at 1,000 databases: how long a render takes, how large it is, and for how long it holds the event
// loop at once, which is how much later a look may begin. Each database has all series of a normal case. The limit: the
// bytes have to be written once.

import { type Clock, systemClock } from "../../src/clock.ts";
import type { WatchedDatabase } from "../../src/config/mod.ts";
import { EventStream } from "../../src/events/mod.ts";
import { Fleet, httpApp, Streams } from "../../src/http/mod.ts";
import { Pauses, type SeenLook } from "../../src/watch/mod.ts";
import { load } from "../config/folder.ts";
import { type Benchmark, median, pause, quantile, round } from "./figure.ts";

const DATABASES = 1000;
const RENDERS = 40;
const QUICK_RENDERS = 10;
const TARGET = {
  render: { unit: "ms", target: 100 },
  size: { unit: "MB", target: 2.5 },
  held: { unit: "ms", target: 20 },
};

export const metrics: Benchmark = async ({ quick }) => {
  const held = new HeldTime();
  const { render, end } = await fleetOf(DATABASES, held);
  const times: number[] = [];
  const longest: number[] = [];
  let bytes = 0;
  for (let index = 0; index < (quick ? QUICK_RENDERS : RENDERS); index++) {
    // What was rendered is given out again for a second.
    await pause(1000);
    const begun = performance.now();
    held.begin();
    bytes = (await render()).length;
    longest.push(held.end());
    times.push(performance.now() - begun);
  }
  end();
  const what = `/metrics of ${DATABASES} databases`;
  const figure = (part: string, value: number, { unit, target }: typeof TARGET[keyof typeof TARGET]) => ({
    benchmark: "metrics",
    what: `${what}, ${part}`,
    ours: `${round(value)} ${unit}`,
    target: `<= ${target} ${unit}`,
    met: value <= target,
  });
  const all = `${round(quantile(times, 1))} ms at most`;
  return [
    { ...figure(`median of ${times.length} renders`, median(times), TARGET.render), note: all },
    figure("size", bytes / 1e6, TARGET.size),
    figure("how long it holds up a look at most, median", median(longest), TARGET.held),
  ];
};

/** The longest time for which nothing else could run, in milliseconds. */
class HeldTime implements Clock {
  #since = 0;
  #longest = 0;
  readonly now = systemClock.now;
  readonly wall = systemClock.wall;

  begin(): void {
    this.#longest = 0;
    this.#since = performance.now();
  }

  end(): number {
    this.#longest = Math.max(this.#longest, performance.now() - this.#since);
    return this.#longest;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    this.end();
    await systemClock.sleep(milliseconds, signal);
    this.#since = performance.now();
  }
}

async function fleetOf(count: number, clock: Clock) {
  const rows = Array.from(
    { length: count },
    (_, n) => `  - { name: orders-replica-${n}, host: h, port: ${n + 1} }`,
  );
  const config = await load({
    "query-sniper.yaml": `
mode: enforce
policies:
  - name: impacted
    when: lag > 30s or hll > 1M or threads_running > 100
    where: running and time > 10s
    then: kill query
databases:
${rows.join("\n")}
`,
  });
  const stream = new EventStream({ clock, sql: "digest" });
  const fleet = new Fleet({ clock, stream });
  fleet.adopt(config.databases as readonly WatchedDatabase[]);
  const pauses = new Pauses("/nonexistent/pause", { clock: systemClock });
  const app = httpApp({
    version: "1.0.0",
    clock,
    fleet,
    started: Date.now(),
    streams: new Streams(),
    config: () => config,
    pauses: () => pauses,
    journalUsable: () => true,
    dropped: () => 0,
  });
  for (const [index, { name }] of config.databases.entries()) {
    const server = { database: name, flavor: "mariadb", version: "10.11", encrypted: true } as const;
    stream.emit({ event: "connected", mode: "enforce", ...server });
    stream.emit({ event: "lease", database: name, state: "held" });
    fleet.looked(name, seen(index));
  }
  await pause(10);
  return {
    render: async () => await (await app.request("/metrics")).text(),
    end: () => fleet.end(),
  };
}

function seen(index: number): SeenLook {
  const because = [{ expression: "lag > 30s", left: "42s", right: "30s" }];
  return {
    at: Date.now(),
    took: 3.217 + index / 997,
    health: { lag: index * 37, hll: index * 1013, threads_running: index % 64, oldest_transaction: index },
    gates: [{ policy: "impacted", state: "closed", ready: false, because }],
    readOnly: true,
  } as unknown as SeenLook;
}
