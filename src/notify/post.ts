import type { HttpLetter, Letter } from "./channel.ts";
import { sendMail } from "./mail.ts";
import { type Answer, PostError } from "./post_error.ts";
import { fetchFailure } from "../text/fetch_failure.ts";

/** How letters are sent; another one in tests. */
export type Post = (letter: Letter, signal: AbortSignal) => Promise<Answer>;

/** How long a request may take, with its answer, in milliseconds. */
const DEADLINE = 10_000;
/** So much of an answer is read, in bytes. */
const LONGEST_ANSWER = 2048;
/** Of what is not shown at once so much is, in characters. */
const SHOWN = 200;

/** These mean: later. */
const PASSING = [408, 425, 429];

/**
 * Sends a letter.
 * @throws {PostError} If it was not taken, or not within the deadline.
 */
export function post(letter: Letter, signal: AbortSignal, deadline = DEADLINE): Promise<Answer> {
  return "server" in letter ? sendMail(letter, signal, deadline) : request(letter, signal, deadline);
}

/** Follows no redirect: what a letter says is for the configured address alone. */
async function request(
  { url, headers, body }: HttpLetter,
  signal: AbortSignal,
  deadline: number,
): Promise<Answer> {
  const overdue = new AbortController();
  const timer = setTimeout(() => overdue.abort(), deadline);
  try {
    const response = await fetch(url.reveal(), {
      ...{ method: "POST", headers, body, redirect: "manual" },
      signal: AbortSignal.any([signal, overdue.signal]),
    });
    const { status } = response;
    const text = hidden(await beginningOf(response), url.reveal());
    if (response.ok) return { status, text };
    throw refusal(response, text);
  } catch (error) {
    if (error instanceof PostError) throw error;
    if (overdue.signal.aborted) throw new PostError(`no answer within ${deadline / 1000}s`);
    throw new PostError(`no answer: ${fetchFailure(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

function refusal({ status, headers }: Response, text: string): PostError {
  const said = text === "" ? "" : `: ${text}`;
  return new PostError(`answered with ${status}${said}`, {
    isFinal: status < 500 && !PASSING.includes(status),
    retryAfter: retryAfterOf(headers.get("retry-after")),
  });
}

/** `Retry-After`: seconds, or a date. */
export function retryAfterOf(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined;
  const wait = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

async function beginningOf({ body }: Response): Promise<string> {
  if (body === null) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let size = 0; size < LONGEST_ANSWER;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel().catch(() => {});
  return text;
}

/** An answer for people, without the parts of the address that only its owner knows. */
function hidden(text: string, url: string): string {
  const { pathname, search, username, password } = new URL(url);
  const parts = [url, pathname, ...pathname.split("/"), search.slice(1), username, password];
  const shown = parts.filter((part) => part.length >= 8)
    .toSorted((a, b) => b.length - a.length)
    .reduce((text, part) => text.replaceAll(part, "***"), text);
  return shown.trim().slice(0, SHOWN);
}
