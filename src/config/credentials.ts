import { didYouMean } from "../language/mod.ts";
import { Secret } from "../log/secret.ts";
import type { Account } from "./config.ts";
import { type Document, ioReason, locate, problem, readDocument } from "./document.ts";
import { ConfigError, type LocatedProblem, type Path, Problems } from "./problem.ts";
import { type AccountEntry, credentialsFile } from "./schema.ts";
import { dirname, isAbsolute, join } from "node:path";

/** Where the values of `password_env` come from. */
export type Environment = (name: string) => string | undefined;

/** The accounts that a credentials file gives to databases. */
export interface Credentials {
  readonly accounts: ReadonlyMap<string, Account>;
  /** Secrets that are kept elsewhere and are not to be had here. */
  readonly missing: readonly LocatedProblem[];
}

/**
 * Reads the credentials file and gives each database its account.
 * @throws {ConfigError} Where the file is wrong, too open, or names no account for a database.
 */
export async function readCredentials(
  file: string,
  databases: readonly string[],
  environment: Environment,
): Promise<Credentials> {
  const document = await readDocument(file);
  await refuseOpenFile(file);
  const problems = new Problems();
  const { default: fallback, databases: entries } = credentialsFile.read(document.value, [], problems) ?? {};
  for (const name of entries?.keys() ?? []) {
    if (databases.includes(name)) continue;
    const near = didYouMean(name, databases, '"');
    problems.report(["databases", name], `no database has this name: "${name}"${near}`, "key");
  }
  const missing = new Problems();
  const reader = new AccountReader(document, { problems, missing }, environment);
  const byDefault = fallback && await reader.read(fallback, ["default"]);
  const accounts = new Map<string, Account>();
  for (const name of databases) {
    const entry = entries?.get(name);
    const account = entry === undefined ? byDefault : await reader.read(entry, ["databases", name]);
    if (account !== undefined) accounts.set(name, account);
    else if (entry === undefined && fallback === undefined) {
      problems.report(["databases", name], 'no credentials for this database, and no "default"');
    }
  }
  if (problems.list.length > 0) throw new ConfigError(await locate(document, problems.list));
  return { accounts, missing: await locate(document, missing.list) };
}

class AccountReader {
  readonly #folder: string;
  readonly #problems: Problems;
  readonly #missing: Problems;
  readonly #environment: Environment;

  constructor(
    document: Document,
    { problems, missing }: { readonly problems: Problems; readonly missing: Problems },
    environment: Environment,
  ) {
    this.#folder = dirname(document.file);
    this.#problems = problems;
    this.#missing = missing;
    this.#environment = environment;
  }

  async read(entry: AccountEntry, path: Path): Promise<Account | undefined> {
    const given = (["password", "password_env", "password_file"] as const)
      .filter((key) => entry[key] !== undefined);
    if (given.length !== 1) {
      const found = given.length === 0 ? "there is none" : `there are ${given.join(" and ")}`;
      this.#problems.report(path, `expected one of password, password_env and password_file: ${found}`);
      return undefined;
    }
    const password = await this.#password(entry, path);
    const { user } = entry;
    return user === undefined || password === undefined
      ? undefined
      : { user, password: new Secret(password) };
  }

  async #password(entry: AccountEntry, path: Path): Promise<string | undefined> {
    const { password, password_env, password_file } = entry;
    if (password_env !== undefined) {
      const value = this.#environment(password_env);
      if (value === undefined) {
        this.#missing.report(
          [...path, "password_env"],
          `this environment variable is not set: ${password_env}`,
        );
      }
      return value;
    }
    return password_file === undefined ? password : await this.#fromFile(password_file, path);
  }

  async #fromFile(name: string, path: Path): Promise<string | undefined> {
    const file = isAbsolute(name) ? name : join(this.#folder, name);
    try {
      const text = await Deno.readTextFile(file);
      await refuseOpenFile(file);
      return text.replace(/\r?\n$/, "");
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      this.#missing.report([...path, "password_file"], `cannot read the file: ${file}: ${ioReason(error)}`);
    }
  }
}

/** Passwords are for the owner, and for a group of which this process is a member. */
async function refuseOpenFile(file: string): Promise<void> {
  const { mode, uid, gid } = await Deno.stat(file);
  if (mode === null) return;
  const octal = (mode & 0o777).toString(8).padStart(4, "0");
  if ((mode & 0o007) !== 0) {
    throw problem(file, `other users have access to this file (mode ${octal}), run: chmod 600 ${file}`);
  }
  if ((mode & 0o070) !== 0 && !await isOwnGroup({ uid, gid })) {
    throw problem(
      file,
      `a group that this process is not in has access to this file (mode ${octal}), run: chmod 600 ${file}`,
    );
  }
}

/**
 * Whether a group of a file is one of this process's own. The process has no right to ask for its ids
 * (`--allow-sys`): a file that it makes shows them. Of its other groups it knows one by being able to
 * read, by the group's right alone, what another user owns.
 */
async function isOwnGroup(
  owner: { readonly uid: number | null; readonly gid: number | null },
): Promise<boolean> {
  const probe = await Deno.makeTempFile({ prefix: "query-sniper-" });
  try {
    const own = await Deno.stat(probe);
    return own.gid === owner.gid || (own.uid !== 0 && own.uid !== owner.uid);
  } finally {
    await Deno.remove(probe);
  }
}
