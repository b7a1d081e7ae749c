import type { Identity } from "../policy/mod.ts";

/** Which entry of the configuration leads to which server process. */
export type ServerEntries = Map<string, string>;

/**
 * Notes that an entry now leads to this server. Returns the name of another entry that leads to the same server
 * process, if there is one: the lease lets only one of them act.
 */
export function noteServer(
  entries: ServerEntries,
  name: string,
  { server, started }: Identity,
): string | undefined {
  const key = `${server} ${started}`;
  forgetServer(entries, name);
  const other = entries.get(key);
  if (other === undefined) entries.set(key, name);
  return other;
}

/** Notes that an entry no longer leads to a server. */
export function forgetServer(entries: ServerEntries, name: string): void {
  for (const [key, noted] of entries) {
    if (noted === name) entries.delete(key);
  }
}
