/** A value of a metric, as the text format of Prometheus has it. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Longer lines are not read: no metric of a host is so long. */
const MAX_LINE = 8_192;

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?[ \t]*$/;
const LABEL = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(?:,|$)/y;

/**
 * The samples of some metrics in a text of Prometheus' format. Lines that are not of this format, and values that are no
 * finite numbers, are left out.
 */
export function samplesOf(text: string, wanted: ReadonlySet<string>): readonly Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    if (line.length > MAX_LINE || line.startsWith("#")) continue;
    const [, name, written = "", digits] = LINE.exec(line.replace(/\r$/, "")) ?? [];
    if (name === undefined || !wanted.has(name)) continue;
    const labels = labelsOf(written);
    const value = digits === undefined || digits === "" ? NaN : Number(digits);
    if (labels !== undefined && Number.isFinite(value)) samples.push({ name, labels, value });
  }
  return samples;
}

function labelsOf(text: string): Readonly<Record<string, string>> | undefined {
  const labels = new Map<string, string>();
  for (let at = 0; at < text.length;) {
    LABEL.lastIndex = at;
    const found = LABEL.exec(text);
    if (found === null) return undefined;
    const [whole, name, value] = found;
    labels.set(name!, value!.replace(/\\(.)/gs, (_, character) => character === "n" ? "\n" : character));
    at += whole.length;
  }
  return Object.fromEntries(labels);
}
