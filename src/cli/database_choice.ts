import { didYouMean, quoted } from "../language/mod.ts";
import type { WatchedDatabase } from "../watch/mod.ts";
import { UsageError } from "./usage_error.ts";

/**
 * The databases that `--database` asks for; all, where it is not given.
 * @throws {UsageError} Where there is none of this name.
 */
export function chosenDatabases(
  databases: readonly WatchedDatabase[],
  name: string | undefined,
): readonly WatchedDatabase[] {
  if (name === undefined) return databases;
  const found = databases.filter((database) => database.name === name);
  if (found.length > 0) return found;
  const near = didYouMean(name, databases.map(({ name }) => name), '"');
  throw new UsageError(`no database has this name: ${quoted(name)}${near}`);
}
