import { refuseDebugger } from "./debugger.ts";

/** SIGHUP, which asks a service to read its files again. */
export class HangupSignal {
  #asked = false;
  #serve: (() => void) | undefined;

  /**
   * Listens from now on: one that comes before there is anything to read is kept until {@linkcode serve}, instead of ending
   * the program. SIGUSR1 is ignored.
   */
  constructor() {
    Deno.addSignalListener("SIGHUP", () => {
      this.#asked = true;
      this.#serve?.();
    });
    refuseDebugger();
  }

  /**
   * Reads again at each signal, one time after the other.
   * @param reload Never fails.
   */
  serve(reload: () => Promise<void>): void {
    let last = Promise.resolve();
    this.#serve = () => last = last.then(reload);
    if (this.#asked) this.#serve();
  }
}
