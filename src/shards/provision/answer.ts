import { quoted } from "../../text/nearest.ts";
import { ProvisionError, type ServerState } from "./provisioner.ts";

/** The longest answer that is read, in bytes. */
export const LONGEST_ANSWER = 65_536;
/** The longest time that a provisioner may ask to be left alone, in seconds. */
const LONGEST_WAIT = 3600;
/** Of a reason so much is shown, in characters. */
const SHOWN = 300;

const KEYS: Readonly<Record<string, readonly string[]>> = {
  ready: ["state", "name", "host", "port"],
  pending: ["state", "name", "retry_after"],
  failed: ["state", "name", "reason"],
  destroyed: ["state", "name"],
};

/**
 * Reads what a provisioner answered to a question about a server.
 * @throws {ProvisionError} It is not exactly one of the answers: nothing is guessed.
 */
export function readServerState(text: string, name: string): ServerState {
  const answer = readAnswer(text, name, ["ready", "pending", "failed"]);
  if (answer["state"] === "pending") return pendingOf(answer);
  if (answer["state"] === "failed") return { state: "failed", reason: reasonOf(answer["reason"]) };
  const { host, port } = answer;
  if (typeof host !== "string" || !isHost(host)) throw wrong('"host" is no host name and no IP address');
  if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw wrong('"port" is no number from 1 to 65535');
  }
  return { state: "ready", host: host.toLowerCase(), port };
}

/** Reads what it answered when a server was given back. Throws as {@linkcode readServerState}. */
export function readDestroyed(text: string, name: string): "done" | "pending" {
  const { state, reason } = readAnswer(text, name, ["destroyed", "pending", "failed"]);
  if (state === "failed") throw new ProvisionError(`it was not given back: ${reasonOf(reason)}`);
  return state === "destroyed" ? "done" : "pending";
}

function readAnswer(
  text: string,
  name: string,
  states: readonly string[],
): Readonly<Record<string, unknown>> {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw wrong("it is not JSON");
  }
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) throw wrong("it is no object");
  const keys = answer as Readonly<Record<string, unknown>>;
  const { state } = keys;
  if (typeof state !== "string" || !states.includes(state)) {
    throw wrong(`"state" is none of ${states.map((each) => `"${each}"`).join(", ")}`);
  }
  const stranger = Object.keys(keys).find((key) => !KEYS[state]!.includes(key));
  if (stranger !== undefined) throw wrong(`it has an unknown key: ${quoted(stranger.slice(0, 80))}`);
  if (keys["name"] !== undefined && keys["name"] !== name) {
    throw wrong("it is about a server of another name");
  }
  return keys;
}

function pendingOf({ retry_after: wait }: Readonly<Record<string, unknown>>): ServerState {
  if (wait === undefined) return { state: "pending" };
  if (typeof wait !== "number" || !(wait >= 0 && wait <= LONGEST_WAIT)) {
    throw wrong(`"retry_after" is no number of seconds, ${LONGEST_WAIT} at most`);
  }
  return { state: "pending", retryAfter: wait * 1000 };
}

function reasonOf(reason: unknown): string {
  if (typeof reason !== "string" || reason === "") throw wrong('"reason" is no text');
  return reason.slice(0, SHOWN);
}

function isHost(host: string): boolean {
  if (/^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(host)) return URL.canParse(`http://[${host}]/`);
  if (/^[0-9.]+$/.test(host)) {
    const parts = host.split(".");
    return parts.length === 4 &&
      parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  }
  return host.length <= 253 &&
    host.split(".").every((label) => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label));
}

function wrong(what: string): ProvisionError {
  return new ProvisionError(`its answer is not understood: ${what}`, { isFinal: true });
}
