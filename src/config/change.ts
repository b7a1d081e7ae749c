import type { DatabaseConfig } from "./config.ts";
import { type DatabaseConfigReport, databaseReport } from "./report.ts";

/** A key whose value has changed; a side is absent if the key was not, or is not, set. JSON-able, without secrets. */
export interface KeyChange {
  readonly key: string;
  readonly before?: string;
  readonly after?: string;
}

/** What has changed in a database, key by key, as `validate-config` shows them. */
export function keyChanges(before: DatabaseConfig, after: DatabaseConfig): readonly KeyChange[] {
  const [old, now] = [before, after].map((database) => new Map(values("", databaseReport(database))));
  const keys = [...new Set([...old!.keys(), ...now!.keys()])];
  return keys.filter((key) => old!.get(key) !== now!.get(key)).map((key) => {
    const [was, is] = [old!.get(key), now!.get(key)];
    return { key, ...was !== undefined && { before: was }, ...is !== undefined && { after: is } };
  });
}

/** Each key with its value as text. Policies are keyed by name, so their order does not count. */
function values(path: string, value: unknown): readonly (readonly [key: string, value: string])[] {
  if (typeof value !== "object" || value === null) return [[path, String(value)]];
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) {
    return value.length === 0 ? [] : [[path, value.join("; ")]];
  }
  return Object.entries(value).flatMap(([key, item]) => {
    const step = Array.isArray(value) ? String((item as DatabaseConfigReport).name) : key;
    return values(path === "" ? step : `${path}.${step}`, item);
  });
}

/** Whether a changed database needs a new connection. */
export function needsNewConnection(before: DatabaseConfig, after: DatabaseConfig): boolean {
  return !isSameLogin(before, after) ||
    JSON.stringify(connectionKeys(before)) !== JSON.stringify(connectionKeys(after));
}

/** Compares secrets by value: printed, they all look alike. */
function isSameLogin(
  { account: a, tls: { key: keyA } }: DatabaseConfig,
  { account: b, tls: { key: keyB } }: DatabaseConfig,
): boolean {
  const isSameKey = keyA === undefined || keyB === undefined ? keyA === keyB : keyA.equals(keyB);
  const isSamePassword = a === undefined || b === undefined ? a === b : a.password.equals(b.password);
  return isSameKey && isSamePassword;
}

/** Everything a connection depends on: address, account and setup. */
function connectionKeys(
  { address, tls, account, source, heartbeat, proxysql, interval, rules }: DatabaseConfig,
) {
  const { mode, lease, metrics } = rules;
  // The idle timeout of the connection depends on the interval.
  return {
    address,
    tls,
    account,
    source,
    heartbeat,
    proxysql,
    mode,
    lease,
    metrics,
    interval: mode === "enforce" && lease ? interval : 0,
  };
}
