import { refuseDebugger } from "./debugger.ts";

/**
 * A signal that is aborted when the program is told to stop, with the name of the process signal as its reason. From now on
 * SIGUSR1 does nothing.
 */
export function stopOnSignals(): AbortController {
  const controller = new AbortController();
  refuseDebugger();
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(name, () => controller.abort(name));
  }
  return controller;
}
