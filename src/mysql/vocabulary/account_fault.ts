import type { ComparedText, Fault } from "../../language/mod.ts";

/** The longest names that servers allow, in characters. */
const LONGEST_USER = 128;
const LONGEST_SCHEMA = 64;

/** Returns what is wrong with a text that is compared with a user name. */
export function userFault({ text, way }: ComparedText): Fault | undefined {
  if (text.length > LONGEST_USER && way === "equal") return { why: "no account has such a long name" };
  if (way === "matches") return undefined;
  if (text === "") return { why: "who has no name is never selected", isDoubtful: true };
  const [, user, host] = /^['"`]?([^@]*?)['"`]?@['"`]?(.*?)['"`]?$/s.exec(text) ?? [];
  if (user === undefined || host === undefined) return undefined;
  const named = `user = '${user}'`;
  const meant = host === "" || host === "%"
    ? named
    : `${named} and host ${host.includes("%") ? "like" : "="} '${host}'`;
  return { why: "it is a name without a host", meant };
}

/** Returns what is wrong with a text that is compared with a schema name. */
export function schemaFault({ text, way }: ComparedText): Fault | undefined {
  if (way === "matches") return undefined;
  if (text.length > LONGEST_SCHEMA && way === "equal") return { why: "no schema has such a long name" };
  if (!text.includes(".")) return undefined;
  const [schema = ""] = text.split(".");
  return { why: "it is a schema, without a table", ...schema !== "" && { meant: `'${schema}'` } };
}
