import { Folder } from "../config/folder.ts";

/** The password of {@linkcode awayConfig}, which must not be seen anywhere. */
export const AWAY_PASSWORD = "never-to-be-seen-4711";

/** A configuration for the program with one database, where nobody listens. Disposing of it removes the folder. */
export async function awayConfig(
  more: Readonly<Record<string, string>> = {},
  rules = "",
): Promise<AsyncDisposable & { readonly file: string; readonly folder: string }> {
  const folder = await Folder.make({
    "query-sniper.yaml":
      "interval: 100ms\npolicies: [{ name: long, where: time > 10s, then: kill query }]\n" +
      `databases: [{ name: away, host: 127.0.0.1, port: 1 }]\n${rules}`,
    "credentials.yaml": `default: { user: sniper, password: ${AWAY_PASSWORD} }\n`,
    ...more,
  });
  return {
    file: folder.file("query-sniper.yaml"),
    folder: folder.path,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
