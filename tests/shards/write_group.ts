import { join } from "node:path";

/** Writes a configuration in a folder of its own, as root for `init` or as the router. */
export async function writeGroup(
  text: string,
  { user, password }: { readonly user: string; readonly password: string },
): Promise<AsyncDisposable & { readonly file: string; readonly folder: string }> {
  const folder = await Deno.makeTempDir({ prefix: "query-sniper-test-" });
  const file = join(folder, "query-sniper.yaml");
  await Deno.writeTextFile(file, text);
  await Deno.writeTextFile(
    join(folder, "credentials.yaml"),
    `default: { user: ${user}, password: ${password} }\n`,
    {
      mode: 0o600,
    },
  );
  return { file, folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}
