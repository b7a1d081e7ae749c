import type { HttpContext } from "../context.ts";
import type { DatabaseState } from "../fleet/mod.ts";
import type { Measured, MetricRow } from "./metric.ts";
import { BUILD_INFO, PROCESS_METRICS, type ProcessView } from "./process_metrics.ts";

/** What the metrics of the whole program are made of. */
export interface ProgramView extends ProcessView {
  readonly context: HttpContext;
  readonly databases: readonly DatabaseState[];
  /** Whether the last reload was taken. */
  readonly isReloaded: boolean;
  /** Channels whose messages do not arrive. */
  readonly failing: ReadonlySet<string>;
}

/** A metric of the whole program. */
export interface ProgramMetric extends MetricRow {
  of(view: ProgramView): Measured;
}

export const PROGRAM_METRICS: readonly ProgramMetric[] = [
  BUILD_INFO,
  {
    name: "databases",
    type: "gauge",
    help: "Databases of the configuration, by whether they are watched.",
    label: { name: "state", meaning: "`connecting`, `watched` or `unreachable`" },
    of: ({ databases }) => {
      const counts = { connecting: 0, watched: 0, unreachable: 0 };
      for (const { reach } of databases) counts[reach]++;
      return counts;
    },
  },
  {
    name: "databases_armed",
    type: "gauge",
    help: "Databases in enforce mode.",
    of: ({ databases }) => databases.filter(({ mode }) => mode === "enforce").length,
  },
  {
    name: "events_dropped_total",
    type: "counter",
    help: "Events that a reader of them was too slow for: the log, the journal, channels, or this page.",
    of: ({ context }) => context.dropped(),
  },
  {
    name: "journal_usable",
    type: "gauge",
    help: "Whether the journal can be written. If not, nothing is killed.",
    when: "a database is in enforce mode, and the journal is on",
    of: ({ context }) => {
      const isUsable = context.journalUsable();
      return isUsable === undefined ? undefined : Number(isUsable);
    },
  },
  {
    name: "config_reload_success",
    type: "gauge",
    help: "Whether the configuration in force is the one that was read last: 0 after one that was refused.",
    of: ({ isReloaded }) => Number(isReloaded),
  },
  {
    name: "notify_channel_up",
    type: "gauge",
    help: "Whether messages of the channel arrive, as far as is known: 0 after one that did not.",
    label: { name: "channel", meaning: "its name in the configuration" },
    when: "a channel is configured",
    of: ({ context, failing }) =>
      Object.fromEntries(context.config().notify.map(({ name }) => [name, Number(!failing.has(name))])),
  },
  ...PROCESS_METRICS,
];
