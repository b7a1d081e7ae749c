/** Aborted, with the signal's name as its reason, when the program is told to stop. */
export function stopOnSignals(): AbortController {
  const controller = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(name, () => controller.abort(name));
  }
  return controller;
}
