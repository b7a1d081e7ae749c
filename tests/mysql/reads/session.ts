import type { Session } from "../../../src/policy/mod.ts";
import { sessionOf } from "../../../src/mysql/reads/sessions.ts";

let id = 100;

/** A session that runs a statement; a text of `limit` bytes was cut. */
export function runningSession(text: string, options: { readonly limit?: number } = {}): Session {
  return sessionOf({
    id: ++id,
    user: "app",
    host: "localhost",
    db: "test",
    command: "Query",
    state: "",
    running: true,
    age: 1000,
    text,
    program: null,
    execution: `${id}:1`,
    serverDigest: null,
  }, { textLimit: options.limit ?? Infinity, uptime: Infinity, connectAttributes: false });
}
