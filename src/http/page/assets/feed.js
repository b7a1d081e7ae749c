/**
 * @typedef {object} FeedOptions
 * @property {(event: string, data: any) => void} take
 * @property {(reason: string) => void} fail Is told why there is no news for now.
 */

/** A stream that is silent for so long has ended, whatever it says; and how long until the next try; in milliseconds. */
const SILENCE = 5_000;
const AGAIN = 1_000;

/** A page that nobody saw for so long begins anew: meanwhile it has drawn nothing; in milliseconds. */
const UNSEEN = 10_000;

/**
 * Follows a stream of server-sent events for good: it begins anew whenever it ends, fails or falls silent, also after the
 * machine has slept. In place of EventSource, which tells neither that a login is asked for nor that nothing comes any more.
 * @param {string} address
 * @param {FeedOptions} options
 */
export async function follow(address, options) {
  for (;;) {
    try {
      await readOnce(address, options);
      options.fail("the connection ended");
    } catch (error) {
      options.fail(
        error instanceof TypeError || !(error instanceof Error) ? "it cannot be reached" : error.message,
      );
    }
    await pause();
  }
}

/** Waits a moment, or until there is a network again, or somebody looks. */
export function pause() {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
      resolve(undefined);
    };
    const timer = setTimeout(wake, AGAIN);
    addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
  });
}

/**
 * @param {string} address
 * @param {FeedOptions} options
 */
async function readOnce(address, { take }) {
  const controller = new AbortController();
  let heard = Date.now();
  let hidden = Date.now();
  const see = () => {
    if (document.visibilityState === "hidden") hidden = Date.now();
    else if (Date.now() - hidden > UNSEEN) controller.abort(new Error("it was not looked at"));
  };
  document.addEventListener("visibilitychange", see);
  const watch = setInterval(() => {
    if (Date.now() - heard > SILENCE) controller.abort(new Error("it says nothing"));
  }, 500);
  try {
    const response = await fetch(address, {
      headers: { accept: "text/event-stream" },
      cache: "no-store",
      signal: controller.signal,
    });
    if (response.status === 401) return void location.assign("/login");
    if (response.status === 503) throw new Error("too many look at this page");
    if (!response.ok || response.body === null) throw new Error(`it answers ${response.status}`);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard = Date.now();
      const messages = (text + value).split("\n\n");
      text = messages.pop() ?? "";
      for (const message of messages) tell(message, take);
    }
  } finally {
    clearInterval(watch);
    document.removeEventListener("visibilitychange", see);
    controller.abort();
  }
}

/**
 * @param {string} message
 * @param {FeedOptions["take"]} take
 */
function tell(message, take) {
  /** @type {Record<string, string>} */
  const fields = {};
  for (const line of message.split("\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 2);
  }
  if (fields.event !== undefined && fields.data !== undefined) take(fields.event, JSON.parse(fields.data));
}
