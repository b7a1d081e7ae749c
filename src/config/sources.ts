import { didYouMean, quoted } from "../text/nearest.ts";
import type { Problems } from "../yaml/mod.ts";
import type { WholeConfigFile } from "./include.ts";

/** Reports a `source` that is no other database. */
export function checkSources(
  { keys: { databases = [] }, databasePath }: WholeConfigFile,
  problems: Problems,
): void {
  if (databases.some((database) => database?.name === undefined)) return;
  const names = databases.map((database) => database!.name!);
  for (const [index, database] of databases.entries()) {
    const source = database?.source;
    if (source === undefined) continue;
    const path = [...databasePath(index), "source"];
    if (source === database?.name) {
      problems.report(path, `a database is not its own source: ${quoted(source)}`);
    } else if (!names.includes(source)) {
      problems.report(path, `no database has this name: ${quoted(source)}${didYouMean(source, names, '"')}`);
    }
  }
}
