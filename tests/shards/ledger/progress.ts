import { MOVE_STEPS, type MoveStep } from "../../../src/shards/move/mod.ts";

/** How far the move under way is, by what the processes say that carry it out. */
export class Progress {
  readonly #waiting = new Set<() => void>();
  #after = 0;
  #step: MoveStep | undefined;
  #ended = false;

  /** The step that was told last. */
  get step(): MoveStep | undefined {
    return this.#step;
  }

  /** From now on moves with a greater id count. */
  begin(after: number): void {
    [this.#after, this.#step, this.#ended] = [after, undefined, false];
  }

  /** A line of `shards move`, or of a coordinator. */
  hear(line: string): void {
    const told = toldOf(line);
    if (told === undefined || told.id <= this.#after) return;
    if (isStep(told.what)) this.#step = told.what;
    if (told.what === "done" || told.what === "aborted" || told.what === "paused") this.#ended = true;
    for (const wake of [...this.#waiting]) wake();
  }

  /** Waits for a step, or a later one; false: the move came to its end before, or `over` was first. */
  async reached(step: MoveStep, over: Promise<unknown>): Promise<boolean> {
    let isOver = false;
    const ended = over.then(() => isOver = true);
    while (!this.#isAt(step)) {
      if (this.#ended || isOver) return false;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await Promise.race([promise, ended]);
      this.#waiting.delete(resolve);
    }
    return true;
  }

  #isAt(step: MoveStep): boolean {
    return this.#step !== undefined && MOVE_STEPS.indexOf(this.#step) >= MOVE_STEPS.indexOf(step);
  }
}

function isStep(text: string): text is MoveStep {
  return (MOVE_STEPS as readonly string[]).includes(text);
}

function toldOf(line: string): { readonly id: number; readonly what: string } | undefined {
  const text = /^move (\d+): ([a-z-]+)(?:$|: )/.exec(line);
  if (text !== null) return { id: Number(text[1]), what: text[2]! };
  if (!line.includes('"shard-move"')) return undefined;
  const { move, step = "" } = JSON.parse(line) as { readonly move: string; readonly step?: string };
  return { id: Number(move), what: step };
}
