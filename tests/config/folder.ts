import { SHARD_VOCABULARY } from "../../src/cli/shard_vocabulary.ts";
import { join } from "node:path";
import { type Config, type DatabaseConfig, loadConfig, type LoadOptions } from "../../src/config/mod.ts";
import { DATABASE_DOMAIN } from "../../src/mysql/mod.ts";
import { ConfigError } from "../../src/yaml/mod.ts";

/** A file's text, and its mode where that matters; 0600 unless told. */
export type FileContent = string | { readonly text: string; readonly mode: number };

/** A folder of configuration files that is gone after the test. */
export class Folder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(files: Readonly<Record<string, FileContent>>): Promise<Folder> {
    const folder = new Folder(await Deno.makeTempDir({ prefix: "query-sniper-test-" }));
    for (const [name, content] of Object.entries(files)) {
      const { text, mode } = typeof content === "string" ? { text: content, mode: 0o600 } : content;
      await Deno.mkdir(join(folder.file(name), ".."), { recursive: true });
      await Deno.writeTextFile(folder.file(name), text);
      await Deno.chmod(folder.file(name), mode);
    }
    return folder;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** A message as it would be if the program had been started in this folder. */
  relative(message: string): string {
    return message.replaceAll(`${this.path}/`, "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Options that require the credentials, with these environment variables alone. */
export function required(environment: Readonly<Record<string, string>> = {}): LoadOptions {
  return {
    domain: DATABASE_DOMAIN,
    shards: SHARD_VOCABULARY,
    credentials: "required",
    environment: (name) => environment[name],
  };
}

/** Options of somebody who validates a configuration. */
export const IF_PRESENT: LoadOptions = {
  domain: DATABASE_DOMAIN,
  shards: SHARD_VOCABULARY,
  credentials: "if-present",
  environment: () => undefined,
};

/** The configuration of these files, whose main one is `query-sniper.yaml`. */
export async function load(
  files: Readonly<Record<string, FileContent>>,
  options: LoadOptions = IF_PRESENT,
): Promise<Config> {
  await using folder = await Folder.make(files);
  return (await loadConfig(folder.file("query-sniper.yaml"), options)).config;
}

/** The databases of a main file, by name. */
export async function loadDatabases(yaml: string): Promise<Readonly<Record<string, DatabaseConfig>>> {
  const { databases } = await load({ "query-sniper.yaml": yaml });
  return Object.fromEntries(databases.map((database) => [database.name, database]));
}

/** What is wrong with these files; nothing where the configuration is valid. */
export async function problemsOf(
  files: Readonly<Record<string, FileContent>>,
  options: LoadOptions = IF_PRESENT,
): Promise<readonly string[]> {
  await using folder = await Folder.make(files);
  try {
    await loadConfig(folder.file("query-sniper.yaml"), options);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return folder.relative(error.message).split("\n");
    throw error;
  }
}
