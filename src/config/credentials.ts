import { dirname, isAbsolute, join } from "node:path";
import { didYouMean, quoted } from "../text/nearest.ts";
import { printable } from "../text/control.ts";
import { Secret } from "../text/secret.ts";
import type { Account } from "./config.ts";
import {
  ConfigError,
  type Document,
  ioReason,
  isWrong,
  locate,
  type LocatedProblem,
  type Path,
  Problems,
  readDocument,
} from "../yaml/mod.ts";
import { familiarKey } from "./familiar.ts";
import { type AccountEntry, credentialsFile } from "./schema.ts";

/** Where the values of `password_env` come from. */
export type Environment = (name: string) => string | undefined;

/** The accounts that a credentials file gives to databases. */
export interface Credentials {
  readonly accounts: ReadonlyMap<string, Account>;
  /** Secrets that are kept elsewhere and are not to be had here. */
  readonly missing: readonly LocatedProblem[];
  /** What is allowed, and hardly what was meant. */
  readonly warnings: readonly LocatedProblem[];
}

/** The databases that need accounts. */
export interface Databases {
  readonly names: readonly string[];
  /** Whether that is all of them: else an account for another name is no problem. */
  readonly complete: boolean;
}

/**
 * Reads the credentials file and gives each database its account.
 * @throws {ConfigError} Where the file is wrong, too open, or names no account for a database.
 */
export async function readCredentials(
  file: string,
  databases: Databases,
  environment: Environment,
): Promise<Credentials> {
  const document = await readDocument(file, { secretKeys: true });
  const problems = new Problems({ secretKeys: true, hints: familiarKey });
  const missing = new Problems({ secretKeys: true });
  const warnings = new Problems({ secretKeys: true });
  const keys = credentialsFile.read(document.value, [], problems) ?? { default: undefined };
  if (databases.complete) checkNames([...keys.databases?.keys() ?? []], databases.names, problems);
  const reader = new AccountReader(document, { problems, missing, warnings }, environment);
  const byDefault = keys.default && await reader.read(keys.default, ["default"]);
  const accounts = new Map<string, Account>();
  for (const name of databases.names) {
    const path = ["databases", name];
    const entry = keys.databases?.get(name);
    const isOwn = keys.databases?.has(name) ?? false;
    const account = isOwn ? entry && await reader.read(entry, path) : byDefault;
    if (account !== undefined) accounts.set(name, account);
    else if (!isOwn && !Object.hasOwn(keys, "default") && !isWrong(keys, "databases")) {
      problems.report(path, 'no credentials for this database, and no "default"');
    }
  }
  const open = await tooOpen(file);
  const found = await locate(document, problems.list);
  if (open !== undefined) found.unshift({ file, path: "", message: open });
  if (found.length > 0) throw new ConfigError(found);
  return {
    accounts,
    missing: await locate(document, missing.list),
    warnings: await locate(document, warnings.list),
  };
}

function checkNames(names: readonly string[], databases: readonly string[], problems: Problems): void {
  for (const name of names) {
    if (databases.includes(name)) continue;
    const near = didYouMean(name, databases, '"');
    problems.report(["databases", name], `no database has this name: ${quoted(name)}${near}`, "key");
  }
}

/** A password that is the name of a variable, as other programs write it, as a whole. */
const LIKE_VARIABLE = /^(?:\$\{\w+\}|\$\(\w+\)|\$[A-Z_][A-Z0-9_]*|\{\{.*\}\}|%[A-Z_]+%)$/;

class AccountReader {
  readonly #folder: string;
  readonly #problems: Problems;
  readonly #missing: Problems;
  readonly #warnings: Problems;
  readonly #environment: Environment;

  constructor(
    document: Document,
    { problems, missing, warnings }: Readonly<Record<"problems" | "missing" | "warnings", Problems>>,
    environment: Environment,
  ) {
    this.#folder = dirname(document.file);
    this.#problems = problems;
    this.#missing = missing;
    this.#warnings = warnings;
    this.#environment = environment;
  }

  async read(entry: AccountEntry, path: Path): Promise<Account | undefined> {
    const given = (["password", "password_env", "password_file"] as const)
      .filter((key) => Object.hasOwn(entry, key));
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
    if (password !== undefined && LIKE_VARIABLE.test(password)) {
      const message = "this is the password as it stands, no variable is replaced: password_env names one";
      this.#warnings.report([...path, "password"], message);
    }
    return password_file === undefined ? password : await this.#fromFile(password_file, path);
  }

  async #fromFile(name: string, path: Path): Promise<string | undefined> {
    const file = isAbsolute(name) ? name : join(this.#folder, name);
    const place = [...path, "password_file"];
    try {
      const text = await Deno.readTextFile(file);
      const open = await tooOpen(file);
      if (open === undefined) return text.replace(/\r?\n$/, "");
      this.#problems.report(place, open);
    } catch (error) {
      this.#missing.report(place, `cannot read the file: ${ioReason(error)}: ${quoted(name)}`);
    }
  }
}

/**
 * Who may read a file, or write it, that should not, and how to change it; undefined where it is well kept:
 * passwords are for the owner, and for a group of which this process is a member.
 */
async function tooOpen(file: string): Promise<string | undefined> {
  const { mode, uid, gid } = await Deno.stat(file);
  if (mode === null) return undefined;
  const others = (mode & 0o007) !== 0
    ? "other users have"
    : (mode & 0o070) !== 0 && !await isOwnGroup({ uid, gid })
    ? "a group that this process is not in has"
    : undefined;
  if (others === undefined) return undefined;
  const octal = (mode & 0o777).toString(8).padStart(4, "0");
  return `${others} access to this file (mode ${octal}), run: chmod 600 ${printable(file)}`;
}

/**
 * Whether a group of a file is one of this process's own. The process has no right to ask for its ids
 * (`--allow-sys`): a file that it makes shows them. Of its other groups it knows one by being able to
 * read, by the group's right alone, what another user owns. Where it can make no file it knows of none.
 */
async function isOwnGroup(
  owner: { readonly uid: number | null; readonly gid: number | null },
): Promise<boolean> {
  try {
    const probe = await Deno.makeTempFile({ prefix: "query-sniper-" });
    const own = await Deno.stat(probe).finally(() => Deno.remove(probe));
    return own.gid === owner.gid || (own.uid !== 0 && own.uid !== owner.uid);
  } catch {
    return false;
  }
}
