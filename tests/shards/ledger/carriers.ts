import { assert, assertEquals } from "@std/assert";
import { type ProgramResult, type RunningProgram, startProgram } from "../../program.ts";
import { type RunningCoordinator, startCoordinator } from "../growing.ts";
import type { Progress } from "./progress.ts";

/** What is asked for. */
export interface Route {
  readonly from: string;
  readonly to: string;
  readonly slots: string;
}

/** The processes that carry moves out, and are killed: at most one mover, and one coordinator. */
export class Carriers implements AsyncDisposable {
  readonly #file: string;
  readonly #progress: Progress;
  #mover: RunningProgram | undefined;
  #coordinator: RunningCoordinator | undefined;

  constructor(file: string, progress: Progress) {
    [this.#file, this.#progress] = [file, progress];
  }

  /** Starts `shards move`, `shards resume`, or `shards abort`. */
  startMover(...args: readonly string[]): void {
    const [task = "", ...more] = args;
    this.#mover = startProgram(["shards", task, "-c", this.#file, ...more], {
      told: (line) => this.#progress.hear(line),
    });
  }

  get hasMover(): boolean {
    return this.#mover !== undefined;
  }

  /** Settles with the end of the process that carries the move out. */
  get ended(): Promise<unknown> {
    return this.#mover?.ended ?? this.#coordinator?.program.ended ?? Promise.resolve();
  }

  /** Waits for the end of the mover, if there is one. */
  async takeEnd(): Promise<ProgramResult | undefined> {
    const end = await this.#mover?.ended;
    this.#mover = undefined;
    return end;
  }

  /** SIGKILL; false: it had ended before. */
  async killMover(): Promise<boolean> {
    this.#mover?.signal("SIGKILL");
    const end = await this.takeEnd();
    return end?.code === 137;
  }

  /** Lets a coordinator run, or ends it. */
  async coordinate(runs: boolean): Promise<void> {
    if (runs && this.#coordinator === undefined) await this.#startCoordinator();
    else if (!runs) {
      await this.#coordinator?.[Symbol.asyncDispose]();
      this.#coordinator = undefined;
    }
  }

  async #startCoordinator(): Promise<void> {
    this.#coordinator = await startCoordinator(this.#file, { told: (line) => this.#progress.hear(line) });
  }

  get hasCoordinator(): boolean {
    return this.#coordinator !== undefined;
  }

  /** SIGKILL. */
  async killCoordinator(): Promise<void> {
    const { program } = this.#coordinator!;
    this.#coordinator = undefined;
    const { code, stderr } = await program.stop("SIGKILL");
    assertEquals(code, 137, `the coordinator ended by itself: ${stderr}`);
  }

  /** Orders a move at the coordinator; what refuses it for now is tried again. */
  async order(route: Route, mayWait: boolean): Promise<void> {
    for (;;) {
      const { status, body } = await this.#coordinator!.post("/moves", route);
      if (status === 202) return;
      assert(mayWait && status === 503, `POST /moves: ${status} ${JSON.stringify(body)}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mover?.[Symbol.asyncDispose]();
    await this.#coordinator?.program[Symbol.asyncDispose]();
  }
}
