import type { HttpContext } from "../context.ts";
import type { DatabaseState } from "../fleet/mod.ts";
import { type Measured, type MetricRow, seconds } from "./metric.ts";

/** What the metrics of the whole program are made of. */
export interface ProgramView {
  readonly context: HttpContext;
  readonly databases: readonly DatabaseState[];
  /** Whether the last reload was taken. */
  readonly isReloaded: boolean;
  /** Channels whose messages do not arrive. */
  readonly failing: ReadonlySet<string>;
  /** Requests that were answered, by status. */
  readonly requests: Readonly<Record<string, number>>;
  readonly use: ProcessUse;
}

/** What the process has used. */
export interface ProcessUse {
  /** Processor time since it began, in seconds. */
  readonly cpu: number;
  /** Resident memory in bytes. */
  readonly memory: number;
}

/** A metric of the whole program. */
export interface ProgramMetric extends MetricRow {
  of(view: ProgramView): Measured;
}

export const PROGRAM_METRICS: readonly ProgramMetric[] = [
  {
    name: "build_info",
    type: "gauge",
    help: "Always 1; the label says which version runs.",
    label: { name: "version", meaning: "the program's version" },
    of: ({ context: { version } }) => ({ [version]: 1 }),
  },
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
  {
    name: "http_requests_total",
    type: "counter",
    help: "Requests that were answered, or refused.",
    label: { name: "code", meaning: "the status of the answer" },
    when: "there was one",
    of: ({ requests }) => requests,
  },
  {
    name: "process_start_time_seconds",
    type: "gauge",
    help: "When the program began, since 1970.",
    of: ({ context: { started } }) => seconds(started),
  },
  {
    name: "process_cpu_seconds_total",
    type: "counter",
    help: "Processor time that the program has used.",
    of: ({ use: { cpu } }) => cpu,
  },
  {
    name: "process_resident_memory_bytes",
    type: "gauge",
    help: "Memory that the program has.",
    of: ({ use: { memory } }) => memory,
  },
];
