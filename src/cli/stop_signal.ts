/** A signal that is aborted when the program is told to stop, with the name of the process signal as its reason. */
export function stopOnSignals(): AbortController {
  const controller = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(name, () => controller.abort(name));
  }
  return controller;
}
