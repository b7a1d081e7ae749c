import { durationWords } from "../report/duration.ts";
import type { ProxySession } from "./session.ts";

/** Who has a session, and what it does, for people. */
export function sessionText({ id, user, client, command, time, transaction }: ProxySession): string {
  const since = time === undefined ? "" : ` for ${durationWords(time)}`;
  const doing = command !== "Sleep"
    ? `${command}${since}`
    : transaction === true
    ? `idle${since} in a transaction`
    : transaction === undefined
    ? `idle${since}, and whether in a transaction is not known: mysql-show_processlist_extended=1 tells`
    : `idle${since}`;
  return `session ${id}: ${user} from ${client}, ${doing}`;
}
