import { Secret } from "../../text/secret.ts";
import type { ServedConfig } from "./served_config.ts";

/** Whether two configurations are the same for a ProxySQL's agent; secrets included, which no text shows. */
export function isSameConfig(a: ServedConfig, b: ServedConfig): boolean {
  return isSame(partOf(a), partOf(b));
}

/** What an agent reads. On a database it takes a lock at most. */
function partOf({ proxysql, tags, databases }: ServedConfig) {
  return {
    ...{ proxysql, tags },
    databases: databases.map(({ name, address, tls, account }) => ({ name, address, tls, account })),
  };
}

function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Secret || b instanceof Secret) {
    return a instanceof Secret && b instanceof Secret && a.equals(b);
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return Object.is(a, b);
  }
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => isSame(Reflect.get(a, key), Reflect.get(b, key)));
}
