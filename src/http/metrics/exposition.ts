import { Counter, Gauge, Registry, type RegistryContentType } from "prom-client";
import { type Measured, type MetricRow, PREFIX } from "./metric.ts";

/** The text format of Prometheus, and OpenMetrics. */
export type Format = "text" | "openmetrics";

export const CONTENT_TYPES: Readonly<Record<Format, RegistryContentType>> = {
  text: Registry.PROMETHEUS_CONTENT_TYPE,
  openmetrics: Registry.OPENMETRICS_CONTENT_TYPE,
};

/** Metrics in one format. The library changes the names of counters for OpenMetrics, so each format has its own. */
export class Exposition {
  readonly #format: Format;
  readonly #registry = new Registry<RegistryContentType>();
  readonly #metrics = new Map<MetricRow, Counter | Gauge>();

  readonly #labels: readonly string[];

  /** @param labels The names of those that all series have. */
  constructor(format: Format, labels: readonly string[]) {
    this.#format = format;
    this.#labels = labels;
    this.#registry.setContentType(CONTENT_TYPES[format]);
  }

  /** The lines of one metric. `measured`: its values, each with the labels that all of its series have. */
  async linesOf(
    row: MetricRow,
    measured: Iterable<readonly [labels: Readonly<Record<string, string>>, value: Measured]>,
  ): Promise<string> {
    const metric = this.#metrics.get(row) ?? this.#newMetric(row);
    metric.reset();
    let isEmpty = true;
    for (const [labels, value] of measured) {
      if (value === undefined) continue;
      isEmpty = false;
      if (typeof value === "number") set(metric, labels, value);
      else for (const own in value) set(metric, { ...labels, [row.label!.name]: own }, value[own]!);
    }
    return isEmpty ? "" : await this.#registry.getSingleMetricAsString(this.#nameOf(row));
  }

  /** All metrics, of which these are the lines. */
  textOf(families: readonly string[]): string {
    const lines = families.filter((lines) => lines !== "").join("\n");
    return `${lines}\n${this.#format === "openmetrics" ? "# EOF\n" : ""}`;
  }

  #newMetric(row: MetricRow): Counter | Gauge {
    const { type, help, label } = row;
    const labelNames = [...this.#labels, ...label === undefined ? [] : [label.name]];
    const options = { name: this.#nameOf(row), help, labelNames, registers: [this.#registry] };
    const metric = type === "counter" ? new Counter(options) : new Gauge(options);
    this.#metrics.set(row, metric);
    return metric;
  }

  /** In OpenMetrics a counter is named without the `_total` of its series. */
  #nameOf({ name, type }: MetricRow): string {
    const full = `${PREFIX}${name}`;
    return this.#format === "openmetrics" && type === "counter" ? full.replace(/_total$/, "") : full;
  }
}

function set(metric: Counter | Gauge, labels: Readonly<Record<string, string>>, value: number): void {
  if (metric instanceof Counter) metric.inc(labels, value);
  else metric.set(labels, value);
}

/** The format that a client asks for. Who asks for nothing we have gets the text format, which all read. */
export function formatFor(accept: string | undefined): Format {
  let [open, text] = [0, 0];
  for (const range of (accept ?? "").toLowerCase().split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
    const of = (name: string) =>
      parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1);
    const weight = Number(of("q") ?? 1) || 0;
    const version = of("version");
    if (type === "application/openmetrics-text" && (version ?? "1.0.0") === "1.0.0") {
      open = Math.max(open, weight);
    } else if (type === "text/plain") text = Math.max(text, weight);
  }
  return open > 0 && open >= text ? "openmetrics" : "text";
}
