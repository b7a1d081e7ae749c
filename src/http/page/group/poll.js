import { pause } from "../assets/feed.js";

/** An answer that takes longer does not come; in milliseconds. */
const PATIENCE = 5_000;

/**
 * Asks again and again, a second after each answer.
 * @param {string} address
 * @param {{ take: (state: any) => void, fail: (reason: string) => void }} options
 */
export async function poll(address, { take, fail }) {
  for (;;) {
    try {
      const response = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      if (response.status === 401) return void location.assign("/login");
      if (!response.ok) throw new Error(`it answers ${response.status}`);
      take(await response.json());
    } catch (error) {
      fail(reasonOf(error));
    }
    await pause();
  }
}

/** @param {unknown} error */
function reasonOf(error) {
  if (error instanceof DOMException) return "it says nothing";
  return error instanceof TypeError || !(error instanceof Error) ? "it cannot be reached" : error.message;
}
