import type { DatabaseState } from "../fleet/mod.ts";
import type { HttpContext } from "../context.ts";
import type { RequestCounts } from "../request_counts.ts";
import { DATABASE_METRICS } from "./database_metrics.ts";
import { Exposition, type Format } from "./exposition.ts";
import type { Measured } from "./metric.ts";
import { processUse } from "./process_use.ts";
import { PROGRAM_METRICS } from "./program_metrics.ts";

/** For how long what was measured is given out again, in milliseconds. */
const FRESH = 1000;
/** For how long it works at once, in milliseconds: a look may have to wait for that. */
const AT_ONCE = 4;

/** A database, with what all of its series need. */
interface Subject {
  readonly state: DatabaseState;
  readonly isPaused: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** What is known at one moment. */
interface Reading {
  readonly subjects: readonly Subject[];
  /** In the order of their rows. */
  readonly ofProgram: readonly Measured[];
}

/** The last reading, with the texts that were asked for. */
interface LastReading {
  /** Of the clock's `now`. */
  readonly at: number;
  readonly reading: Promise<Reading>;
  readonly texts: Map<Format, Promise<string>>;
}

/** The metrics of all databases and of the program, rendered when somebody asks, at most once a second. */
export class Metrics {
  readonly #context: HttpContext;
  readonly #requests: RequestCounts;
  readonly #failing = new Set<string>();
  #isReloaded = true;
  #last: LastReading | undefined;
  /** When it rested last, by the clock's `now`. */
  #rested = -Infinity;
  readonly #expositions: Readonly<Record<Format, readonly [program: Exposition, databases: Exposition]>> = {
    text: [new Exposition("text", []), new Exposition("text", ["database"])],
    openmetrics: [new Exposition("openmetrics", []), new Exposition("openmetrics", ["database"])],
  };

  constructor(context: HttpContext, requests: RequestCounts) {
    this.#context = context;
    this.#requests = requests;
    context.fleet.listen(({ event }) => {
      if (event.event === "config" && event.state !== "changed") {
        this.#isReloaded = event.state === "reloaded";
      }
      if (event.event !== "notify") return;
      if (event.state === "failed") this.#failing.add(event.channel);
      else this.#failing.delete(event.channel);
    });
  }

  async text(format: Format): Promise<string> {
    const now = this.#context.clock.now();
    if (this.#last === undefined || now - this.#last.at >= FRESH) {
      this.#last = { at: now, reading: this.#read(), texts: new Map() };
    }
    const { texts, reading } = this.#last;
    const text = texts.get(format) ?? this.#render(format, reading);
    texts.set(format, text);
    return await text;
  }

  async #read(): Promise<Reading> {
    const requests = { ...this.#requests.byStatus };
    const subjects = await this.#subjects();
    const view = {
      context: this.#context,
      databases: subjects.map(({ state }) => state),
      isReloaded: this.#isReloaded,
      failing: this.#failing,
      requests,
      use: processUse(),
    };
    return { subjects, ofProgram: PROGRAM_METRICS.map((row) => row.of(view)) };
  }

  /** A part after the other, with a pause between two of them in which looks are made. */
  async #render(format: Format, reading: Promise<Reading>): Promise<string> {
    const { subjects, ofProgram } = await reading;
    const [program, databases] = this.#expositions[format];
    const families: string[] = [];
    for (const [index, row] of PROGRAM_METRICS.entries()) {
      families.push(await program.linesOf(row, [[{}, ofProgram[index]]]));
    }
    for (const row of DATABASE_METRICS) {
      if (this.#isTired) await this.#rest();
      const measured = subjects.map(({ state, isPaused, labels }) =>
        [labels, row.of(state, isPaused)] as const
      );
      families.push(await databases.linesOf(row, measured));
    }
    return databases.textOf(families);
  }

  async #subjects(): Promise<readonly Subject[]> {
    const { fleet, pauses } = this.#context;
    const paused = pauses();
    // In a dry run nobody else looks at the pause file.
    await paused.state();
    const subjects: Subject[] = [];
    for (const name of fleet.names) {
      if (this.#isTired) await this.#rest();
      const state = fleet.database(name);
      // A reload may have taken it away meanwhile.
      if (state === undefined) continue;
      subjects.push({ state, isPaused: paused.known(name) !== undefined, labels: { database: name } });
    }
    return subjects;
  }

  get #isTired(): boolean {
    return this.#context.clock.now() - this.#rested >= AT_ONCE;
  }

  /** Lets looks be made. */
  async #rest(): Promise<void> {
    const { clock } = this.#context;
    await clock.sleep(0);
    this.#rested = clock.now();
  }
}
