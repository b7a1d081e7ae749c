import type { Measured, MetricRow } from "./metric.ts";
import { PREFIX } from "./metric.ts";

/** The text format of Prometheus, and OpenMetrics. */
export type Format = "text" | "openmetrics";

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** A metric with its series, which are the same in both formats. */
export interface Family {
  readonly row: MetricRow;
  /** Its lines; empty if it has no series. */
  readonly samples: string;
}

/** The lines of one metric. `labels`: those that all of the series have, as {@linkcode label} writes them. */
export function samplesOf(row: MetricRow, measured: Measured, labels = ""): string {
  if (measured === undefined) return "";
  const name = `${PREFIX}${row.name}`;
  if (typeof measured === "number") return line(name, labels, measured);
  const own = row.label!.name;
  let lines = "";
  for (const value in measured) {
    const all = labels === "" ? label(own, value) : `${labels},${label(own, value)}`;
    lines += line(name, all, measured[value]!);
  }
  return lines;
}

function line(name: string, labels: string, value: number): string {
  return labels === "" ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`;
}

/** A label with its value, which may be any text. */
export function label(name: string, value: string): string {
  return `${name}="${value.replace(/[\\"\n]/g, (found) => found === "\n" ? "\\n" : `\\${found}`)}"`;
}

/** All metrics in one of the formats. */
export function expositionOf(families: readonly Family[], format: Format): string {
  const parts = families.flatMap(({ row, samples }) => samples === "" ? [] : [headOf(row, format), samples]);
  return `${parts.join("")}${format === "openmetrics" ? "# EOF\n" : ""}`;
}

/** OpenMetrics names a counter without its `_total`, and has a line for the unit. */
function headOf({ name, type, help, unit }: MetricRow, format: Format): string {
  const full = `${PREFIX}${name}`;
  if (format === "text") return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n`;
  const family = type === "counter" ? full.replace(/_total$/, "") : full;
  return `# TYPE ${family} ${type}\n${unit === undefined ? "" : `# UNIT ${family} ${unit}\n`}` +
    `# HELP ${family} ${help}\n`;
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
