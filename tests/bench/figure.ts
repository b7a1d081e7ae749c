/** One line of what the benchmarks came to. */
export interface Figure {
  readonly benchmark: string;
  /** What was measured, and on what. */
  readonly what: string;
  /** With its unit. */
  readonly ours: string;
  /** What it is compared with: another program, or the limit that physics sets. */
  readonly theirs?: string;
  /** Ours by theirs. */
  readonly ratio?: number;
  readonly target?: string;
  /** Absent where there is no target, or it could not be measured. */
  readonly met?: boolean;
  /** Why not, and what else a reader should know. */
  readonly note?: string;
}

/** How to measure. */
export interface BenchOptions {
  /** Fewer samples, for trying out: figures are coarse. */
  readonly quick: boolean;
  /** How long memory is watched, in seconds; omitted = not at all. */
  readonly soak?: number;
}

/** One benchmark. It has the machine to itself, as far as this program can tell. */
export type Benchmark = (options: BenchOptions) => Promise<readonly Figure[]>;

/** What stands for a tool that this machine has not got. */
export const NOT_INSTALLED = "not installed";

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that this part of all values is below. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

/** Rounded to this many digits that count. */
export function round(value: number, digits = 3): number {
  return Number(value.toPrecision(digits));
}

/** Waits, in milliseconds. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
