/** The length of a trace, and of one of its steps, in milliseconds. */
export const TRACE = 900_000;
export const STEP = 5_000;
const STEPS = TRACE / STEP;

/** The worst value in each step of the last minutes. */
export class Trace {
  readonly #values = new Float32Array(STEPS).fill(NaN);
  /** The step that was written last, counted from 1970. */
  #last = -Infinity;

  /** @param at In milliseconds since 1970. A null is unknown. */
  add(at: number, value: number | null): void {
    const step = Math.floor(at / STEP);
    // A clock that was set back writes on where it is.
    const passed = Math.min(STEPS, Math.max(0, step - this.#last));
    for (let n = 0; n < passed; n++) this.#values[(step - n) % STEPS] = NaN;
    this.#last = step;
    const before = this.#values[step % STEPS]!;
    if (value !== null && !(before >= value)) this.#values[step % STEPS] = value;
  }

  /** The oldest step first, the one of `now` last; null where nothing is known. */
  values(now: number): readonly (number | null)[] {
    const end = Math.floor(now / STEP);
    return Array.from({ length: STEPS }, (_, index) => {
      const step = end - STEPS + 1 + index;
      if (step > this.#last || step <= this.#last - STEPS) return null;
      const value = this.#values[((step % STEPS) + STEPS) % STEPS]!;
      return Number.isNaN(value) ? null : value;
    });
  }
}
