import type { HttpContext } from "../context.ts";
import type { RequestCounts } from "../request_counts.ts";
import type { DatabaseState } from "../fleet/mod.ts";
import { DATABASE_METRICS } from "./database_metrics.ts";
import { expositionOf, type Family, type Format, label, samplesOf } from "./exposition.ts";
import { processUse } from "./process_use.ts";
import { PROGRAM_METRICS } from "./program_metrics.ts";

/** For how long what was rendered is given out again, in milliseconds. */
const FRESH = 1000;
/** The states of how many databases are put together at once. */
const AT_ONCE = 200;

/** The metrics of all databases and of the program, rendered when somebody asks, at most once a second. */
export class Metrics {
  readonly #context: HttpContext;
  readonly #requests: RequestCounts;
  readonly #failing = new Set<string>();
  #isReloaded = true;
  #last: { readonly at: number; readonly families: Promise<readonly Family[]> } | undefined;

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
      this.#last = { at: now, families: this.#render() };
    }
    return expositionOf(await this.#last.families, format);
  }

  /** A part after the other, with a pause between two of them in which looks are made. */
  async #render(): Promise<readonly Family[]> {
    const subjects = await this.#subjects();
    const view = {
      context: this.#context,
      databases: subjects.map(({ state }) => state),
      isReloaded: this.#isReloaded,
      failing: this.#failing,
      requests: this.#requests.byStatus,
      use: processUse(),
    };
    const families: Family[] = PROGRAM_METRICS.map((row) => ({ row, samples: samplesOf(row, row.of(view)) }));
    for (const row of DATABASE_METRICS) {
      await this.#rest();
      let samples = "";
      for (const { state, isPaused, labels } of subjects) {
        samples += samplesOf(row, row.of(state, isPaused), labels);
      }
      families.push({ row, samples });
    }
    return families;
  }

  async #subjects(): Promise<readonly Subject[]> {
    const { fleet, pauses } = this.#context;
    const paused = pauses();
    const subjects: Subject[] = [];
    for (const name of fleet.names) {
      if (subjects.length % AT_ONCE === AT_ONCE - 1) await this.#rest();
      const state = fleet.database(name);
      // A reload may have taken it away meanwhile.
      if (state === undefined) continue;
      const isPaused = paused.known(name) !== undefined;
      subjects.push({ state, isPaused, labels: label("database", name) });
    }
    return subjects;
  }

  #rest(): Promise<void> {
    return this.#context.clock.sleep(0);
  }
}

/** A database, with what all of its series need. */
interface Subject {
  readonly state: DatabaseState;
  readonly isPaused: boolean;
  readonly labels: string;
}
