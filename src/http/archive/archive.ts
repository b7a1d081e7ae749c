import type { Clock } from "../../clock.ts";
import type { Answer, Question } from "./question.ts";

/** How long a question may take, and how many may wait for their turn: time in milliseconds. */
const DEADLINE = 30_000;
const MOST_WAITING = 8;

/** What came of a question. `busy`: too many ask, or it took too long. */
export type Found = Answer | { readonly kind: "busy"; readonly message: string };

export interface ArchiveOptions {
  readonly clock: Clock;
  /** How long a question may take, its wait included, in milliseconds; 30 s unless told. */
  readonly deadline?: number;
}

/** Asks the journal, one question after the other, each in a thread that ends with it: no look is held up. */
export class Archive {
  readonly #clock: Clock;
  readonly #deadline: number;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor({ clock, deadline = DEADLINE }: ArchiveOptions) {
    this.#clock = clock;
    this.#deadline = deadline;
  }

  async ask(question: Question): Promise<Found> {
    if (this.#waiting >= MOST_WAITING) {
      return { kind: "busy", message: `${this.#waiting} questions wait for an answer: ask again later` };
    }
    this.#waiting++;
    try {
      const due = this.#clock.now() + this.#deadline;
      const turn = this.#turn.then(() => this.#askNow(question, due));
      this.#turn = turn.catch(() => {});
      return await turn;
    } finally {
      this.#waiting--;
    }
  }

  async #askNow(question: Question, due: number): Promise<Found> {
    const left = due - this.#clock.now();
    if (left <= 0) return this.#late();
    const worker = new Worker(workerUrl(), { type: "module" });
    const over = new AbortController();
    try {
      const late = this.#clock.sleep(left, over.signal).then(() => this.#late());
      return await Promise.race([answerOf(worker, question), late]);
    } finally {
      over.abort();
      worker.terminate();
    }
  }

  #late(): Found {
    return {
      kind: "busy",
      message: `there was no answer within ${this.#deadline / 1000} s: ask for a shorter period`,
    };
  }
}

/** In a bundle this file is in a part beside the program, and the worker keeps its place. */
function workerUrl(): URL {
  const here = import.meta.url;
  return new URL(here.endsWith(".ts") ? "./archive_worker.ts" : "./src/http/archive/archive_worker.js", here);
}

function answerOf(worker: Worker, question: Question): Promise<Answer> {
  return new Promise((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
    worker.onerror = (event) => {
      // Otherwise it ends the program.
      event.preventDefault();
      resolve({ kind: "failed", message: `the journal could not be asked: ${event.message}` });
    };
    worker.postMessage(question);
  });
}
