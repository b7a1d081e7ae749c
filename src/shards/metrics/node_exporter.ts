import type { Clock } from "../../clock.ts";
import { isUnknown, type Unknown } from "../../language/mod.ts";
import { type Sample, samplesOf } from "./prometheus_text.ts";

/** What is known of a host. In percent. */
export interface HostValues {
  readonly cpu: number | Unknown;
  readonly memory: number | Unknown;
  /** Of the file system with the data. */
  readonly disk: number | Unknown;
}

/** The most that is read of an answer, in bytes: a host with a thousand disks has less. */
const MAX_BYTES = 8 * 2 ** 20;
/** How long an answer may take, in milliseconds. */
export const EXPORTER_TIMEOUT = 3_000;
/** A use of the processors that was measured over less time says little, in milliseconds. */
const SHORTEST = 500;

const WANTED: ReadonlySet<string> = new Set([
  "node_cpu_seconds_total",
  "node_memory_MemTotal_bytes",
  "node_memory_MemAvailable_bytes",
  "node_filesystem_size_bytes",
  "node_filesystem_free_bytes",
  "node_filesystem_avail_bytes",
]);

/** Processor time since the host started, in seconds. */
interface CpuTimes {
  readonly at: number;
  readonly total: number;
  readonly idle: number;
  readonly processors: number;
}

export interface NodeExporterOptions {
  readonly clock: Clock;
  /** How long an answer may take, in milliseconds; omitted: three seconds. */
  readonly timeout?: number;
}

/** The node_exporter of one host. The use of its processors is known from the second reading on. */
export class NodeExporter {
  readonly #url: string;
  readonly #clock: Clock;
  readonly #timeout: number;
  #times: CpuTimes | undefined;

  constructor(url: string, { clock, timeout = EXPORTER_TIMEOUT }: NodeExporterOptions) {
    this.#url = url;
    this.#clock = clock;
    this.#timeout = timeout;
  }

  /** Never fails: what cannot be read is unknown. */
  async read(datadir: string | undefined): Promise<HostValues> {
    const text = await fetchText(this.#url, this.#timeout);
    if (isUnknown(text)) {
      this.#times = undefined;
      return { cpu: text, memory: text, disk: text };
    }
    const samples = samplesOf(text, WANTED);
    return { cpu: this.#cpu(samples), memory: memoryOf(samples), disk: diskOf(samples, datadir) };
  }

  #cpu(samples: readonly Sample[]): number | Unknown {
    const before = this.#times;
    const times = cpuTimes(samples, this.#clock.now());
    this.#times = times;
    if (times === undefined) return { unknown: "node_exporter: it tells no times of processors" };
    if (before === undefined) return { unknown: "node_exporter: it takes two looks" };
    const [total, idle] = [times.total - before.total, times.idle - before.idle];
    if (times.at - before.at < SHORTEST || total === 0) {
      // The next look compares with the earlier one.
      this.#times = before;
      return { unknown: "node_exporter: the last look was just now" };
    }
    if (total < 0 || idle < 0 || idle > total || times.processors !== before.processors) {
      return { unknown: "node_exporter: its counters have begun anew" };
    }
    return percent(total - idle, total);
  }
}

/** Returns the text, or why there is none. What the other side says is not repeated. */
async function fetchText(url: string, timeout: number): Promise<string | Unknown> {
  const signal = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, { signal, redirect: "manual", headers: { accept: "text/plain" } });
    if (response.status !== 200) {
      await response.body?.cancel();
      return { unknown: `node_exporter: it answers with status ${response.status}` };
    }
    return await textOf(response) ?? { unknown: "node_exporter: its answer is too long" };
  } catch (error) {
    if (signal.aborted) return { unknown: `node_exporter: no answer within ${timeout / 1000}s` };
    const isNetwork = error instanceof TypeError || error instanceof Error;
    if (!isNetwork) throw error;
    return { unknown: "node_exporter: it cannot be reached" };
  }
}

/** Reads up to the limit; undefined if there is more. */
async function textOf({ body }: Response): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const bytes of body ?? []) {
    length += bytes.byteLength;
    if (length > MAX_BYTES) return undefined;
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}

function cpuTimes(samples: readonly Sample[], at: number): CpuTimes | undefined {
  const times = samples.filter(({ name, value }) => name === "node_cpu_seconds_total" && value >= 0);
  const processors = new Set(times.map(({ labels }) => labels["cpu"])).size;
  const isIdle = ({ labels: { mode } }: Sample) => mode === "idle" || mode === "iowait";
  const sum = (some: readonly Sample[]) => some.reduce((sum, { value }) => sum + value, 0);
  if (!times.some(isIdle)) return undefined;
  return { at, total: sum(times), idle: sum(times.filter(isIdle)), processors };
}

function memoryOf(samples: readonly Sample[]): number | Unknown {
  const one = (name: string) => samples.find((sample) => sample.name === `node_memory_${name}_bytes`)?.value;
  const [total, available] = [one("MemTotal"), one("MemAvailable")];
  if (total === undefined || available === undefined) {
    return { unknown: "node_exporter: it does not tell how much memory is available" };
  }
  return percent(total - available, total);
}

/** Of the file system that the folder of the data is in: the one with the longest mount point that leads to it. */
function diskOf(samples: readonly Sample[], datadir: string | undefined): number | Unknown {
  if (datadir === undefined) return { unknown: "the server does not tell where its data is" };
  const sizes = samples.filter(({ name, labels: { mountpoint } }) =>
    name === "node_filesystem_size_bytes" && mountpoint !== undefined && isWithin(datadir, mountpoint)
  );
  const longest = Math.max(...sizes.map(({ labels }) => labels["mountpoint"]!.length));
  const [size, other] = sizes.filter(({ labels }) => labels["mountpoint"]!.length === longest);
  if (size === undefined) return { unknown: "node_exporter: it tells of no file system with the data" };
  if (other !== undefined) return { unknown: "node_exporter: two file systems are mounted over the data" };
  const one = (part: string) =>
    samples.find(({ name, labels }) =>
      name === `node_filesystem_${part}_bytes` && labels["mountpoint"] === size.labels["mountpoint"]
    )?.value;
  const available = one("avail");
  if (available === undefined) return { unknown: "node_exporter: it does not tell what is available" };
  const used = size.value - (one("free") ?? available);
  // As df tells it: what only root may use is not there.
  return percent(used, used + available);
}

/** Whether a path is a folder, or within it. */
function isWithin(path: string, folder: string): boolean {
  const root = folder.endsWith("/") ? folder : `${folder}/`;
  return `${path}/`.startsWith(root);
}

/** A share in percent, with two decimals. */
export function percent(part: number, whole: number): number | Unknown {
  const share = 100 * part / whole;
  return share >= 0 && share <= 100 ? Math.round(share * 100) / 100 : { unknown: "its values make no sense" };
}
