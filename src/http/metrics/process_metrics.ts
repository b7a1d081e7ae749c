import { type Measured, type MetricRow, seconds } from "./metric.ts";

/** What a process has used. */
export interface ProcessUse {
  /** Processor time since it began, in seconds. */
  readonly cpu: number;
  /** Resident memory in bytes. */
  readonly memory: number;
}

/** What is told of any process that serves metrics. */
export interface ProcessView {
  readonly context: { readonly version: string; readonly started: number };
  /** Requests that were answered, by status. */
  readonly requests: Readonly<Record<string, number>>;
  readonly use: ProcessUse;
}

/** A metric of the process itself. */
export interface ProcessMetric extends MetricRow {
  of(view: ProcessView): Measured;
}

/** Which version runs. */
export const BUILD_INFO: ProcessMetric = {
  name: "build_info",
  type: "gauge",
  help: "Always 1; the label says which version runs.",
  label: { name: "version", meaning: "the program's version" },
  of: ({ context: { version } }) => ({ [version]: 1 }),
};

/** What it was asked, and what it takes. */
export const PROCESS_METRICS: readonly ProcessMetric[] = [
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
