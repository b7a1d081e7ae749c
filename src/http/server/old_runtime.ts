/** How long to wait before listening again, in milliseconds. */
const REST = 1_000;

/** What Deno 2.4 says, in a promise that nobody is given, when it has no file handle for a new connection. */
const FULL = /^Http: .*\(os error 2[34]\)$/;

/**
 * Keeps the program alive where the runtime ends it, since there was no file handle for a new connection: the server is
 * what ends then. Only for a runtime that shows no connections.
 * @returns A function that ends this.
 */
export function surviveFullTable(listenAgain: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const caught = (event: PromiseRejectionEvent) => {
    if (!FULL.test(String(event.reason))) return;
    event.preventDefault();
    clearTimeout(timer);
    timer = setTimeout(listenAgain, REST);
  };
  globalThis.addEventListener("unhandledrejection", caught);
  return () => {
    clearTimeout(timer);
    globalThis.removeEventListener("unhandledrejection", caught);
  };
}
