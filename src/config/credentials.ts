import { dirname, isAbsolute, join } from "node:path";
import { didYouMean, quoted } from "../text/nearest.ts";
import { Secret } from "../text/secret.ts";
import type { Account, ProxysqlConfig } from "./config.ts";
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
  type ValueOf,
} from "../yaml/mod.ts";
import { clientOptions } from "./defaults_file.ts";
import { tooOpen } from "./secret_file.ts";
import { familiarKey } from "./familiar.ts";
import { type AccountEntry, credentialsFile } from "./schema.ts";

/** Where the values of `password_env` come from. */
export type Environment = (name: string) => string | undefined;

/** Who logs in at a ProxySQL. */
export type ProxyAccounts = Pick<ProxysqlConfig, "admin" | "stats">;

/** The accounts that a credentials file gives to databases. */
export interface Credentials {
  readonly accounts: ReadonlyMap<string, Account>;
  /** Who logs in at each ProxySQL, by its name. */
  readonly proxies: ReadonlyMap<string, ProxyAccounts>;
  /** Secrets that are kept elsewhere and cannot be read here. */
  readonly missing: readonly LocatedProblem[];
  /** What is valid, but probably a mistake. */
  readonly warnings: readonly LocatedProblem[];
}

/** The databases that need accounts. */
export interface Databases {
  readonly names: readonly string[];
  /** The group of a database. */
  groupOf(name: string): string | undefined;
  /** The names of all groups; undefined where that is not known. */
  readonly groups: readonly string[] | undefined;
  /** Whether that is all of them. If not, an account for another name is no problem. */
  readonly complete: boolean;
  /** The names of the ProxySQLs, which need accounts too. */
  readonly proxies: readonly string[];
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
  if (databases.complete) checkNames(keys.databases, "databases", { known: databases.names, warnings });
  if (databases.groups !== undefined) {
    checkNames(keys.groups, "groups", { known: databases.groups, warnings });
  }
  const reader = new AccountReader(document, { problems, missing, warnings }, environment);
  const byDefault = keys.default && await reader.read(keys.default, ["default"]);
  const groups = new Set(databases.names.map((name) => databases.groupOf(name) ?? ""));
  const byGroup = await reader.readAll(keys.groups, "groups", groups);
  const own = await reader.readAll(keys.databases, "databases", new Set(databases.names));
  const isKnown = !isWrong(keys, "databases") && !isWrong(keys, "groups");
  const accounts = new Map<string, Account>();
  for (const name of databases.names) {
    const group = databases.groupOf(name) ?? "";
    const isGiven = own.has(name) || byGroup.has(group) || Object.hasOwn(keys, "default");
    const account = own.has(name) ? own.get(name) : byGroup.has(group) ? byGroup.get(group) : byDefault;
    if (account !== undefined) accounts.set(name, account);
    else if (!isGiven && isKnown) {
      problems.report(["databases", name], 'no credentials for this database, and no "default"');
    }
  }
  checkNames(keys.proxies, "proxies", { known: databases.proxies, warnings });
  const proxies = await proxyAccounts(keys, databases.proxies, { reader, problems });
  const open = await tooOpen(file);
  const found = await locate(document, problems.list);
  if (open !== undefined) found.unshift({ file, path: "", message: open });
  if (found.length > 0) throw new ConfigError(found);
  return {
    accounts,
    proxies,
    missing: await locate(document, missing.list),
    warnings: await locate(document, warnings.list),
  };
}

type CredentialKeys = ValueOf<typeof credentialsFile>;
type ProxyEntries = Pick<CredentialKeys, "proxysql" | "proxysql-stats">;

/**
 * An entry of its own replaces both of those that all share: a password is sent to no proxy that it was not meant for. The
 * default is not taken: it is an account of databases, whose password ProxySQL should not see.
 */
async function proxyAccounts(
  keys: CredentialKeys,
  names: readonly string[],
  { reader, problems }: { readonly reader: AccountReader; readonly problems: Problems },
): Promise<Credentials["proxies"]> {
  const shared = names.every((name) => keys.proxies?.has(name))
    ? {}
    : await proxyAccountsOf(keys, [], reader);
  const accounts = new Map<string, ProxyAccounts>();
  for (const name of names) {
    const own = keys.proxies?.get(name);
    accounts.set(name, own === undefined ? shared : await proxyAccountsOf(own, ["proxies", name], reader));
    const isKnown = isWrong(keys, "proxies") || keys.proxies?.has(name) || Object.hasOwn(keys, "proxysql") ||
      Object.hasOwn(keys, "proxysql-stats");
    if (isKnown) continue;
    const whose = names.length === 1 ? "ProxySQL" : `the ProxySQL ${quoted(name)}`;
    problems.report([], `no credentials for ${whose}: "proxysql", or "proxysql-stats" for reading only`);
  }
  return accounts;
}

async function proxyAccountsOf(
  { proxysql, "proxysql-stats": reading }: ProxyEntries,
  path: Path,
  reader: AccountReader,
): Promise<ProxyAccounts> {
  const admin = proxysql && await reader.read(proxysql, [...path, "proxysql"]);
  const stats = reading && await reader.read(reading, [...path, "proxysql-stats"]);
  return { ...admin && { admin }, ...stats && { stats } };
}

type Entries = ReadonlyMap<string, unknown> | undefined;

const CALLED = { databases: "database", groups: "group", proxies: "ProxySQL" } as const;

/** One credentials file may serve several configurations: accounts for unknown databases are no error. */
function checkNames(
  entries: Entries,
  key: keyof typeof CALLED,
  { known, warnings }: { readonly known: readonly string[]; readonly warnings: Problems },
): void {
  for (const name of entries?.keys() ?? []) {
    if (known.includes(name)) continue;
    const near = didYouMean(name, known, '"');
    warnings.report([key, name], `no ${CALLED[key]} has this name: ${quoted(name)}${near}`, "key");
  }
}

/** A password that is nothing but a variable reference, as other programs write it. */
const LIKE_VARIABLE = /^(?:\$\{\w+\}|\$\(\w+\)|\$[A-Z_][A-Z0-9_]*|\{\{.*\}\}|%[A-Z_]+%)$/;

/** The keys a password can come from. An account has exactly one of them. */
const PASSWORD_KEYS = ["password", "password_env", "password_file", "defaults_file"] as const;

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

  /** The accounts by name; undefined for one that is wrong, or whose secret cannot be read here. */
  async readAll(
    entries: ReadonlyMap<string, AccountEntry | undefined> | undefined,
    key: string,
    names: ReadonlySet<string>,
  ): Promise<ReadonlyMap<string, Account | undefined>> {
    const accounts = new Map<string, Account | undefined>();
    for (const [name, entry] of entries ?? []) {
      if (names.has(name)) accounts.set(name, entry && await this.read(entry, [key, name]));
    }
    return accounts;
  }

  async read(entry: AccountEntry, path: Path): Promise<Account | undefined> {
    const given = PASSWORD_KEYS.filter((key) => Object.hasOwn(entry, key));
    if (given.length !== 1) {
      const found = given.length === 0 ? "there is none" : `there are ${given.join(" and ")}`;
      const expected = `${PASSWORD_KEYS.slice(0, -1).join(", ")} and ${PASSWORD_KEYS.at(-1)}`;
      this.#problems.report(path, `expected one of ${expected}: ${found}`);
      return undefined;
    }
    if (entry.defaults_file !== undefined) return await this.#fromDefaults(entry, path);
    const password = await this.#password(entry, path);
    const { user } = entry;
    return user === undefined || password === undefined
      ? undefined
      : { user, password: new Secret(password) };
  }

  async #fromDefaults(entry: AccountEntry, path: Path): Promise<Account | undefined> {
    const place = [...path, "defaults_file"];
    const text = await this.#readSecret(entry.defaults_file!, place);
    if (text === undefined) return undefined;
    const options = clientOptions(text);
    const [user, password] = [entry.user ?? options.user, options.password];
    if (user !== undefined && password !== undefined) return { user, password: new Secret(password) };
    const lacking = password === undefined ? "password" : "user";
    this.#problems.report(
      place,
      `the [client] of this file has no ${lacking}: ${quoted(entry.defaults_file!)}`,
    );
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
    if (password_file === undefined) return password;
    return (await this.#readSecret(password_file, [...path, "password_file"]))?.replace(/\r?\n$/, "");
  }

  /** Reads a file that nobody else may read. */
  async #readSecret(name: string, place: Path): Promise<string | undefined> {
    const file = isAbsolute(name) ? name : join(this.#folder, name);
    try {
      const text = await Deno.readTextFile(file);
      const open = await tooOpen(file);
      if (open === undefined) return text;
      this.#problems.report(place, open);
    } catch (error) {
      this.#missing.report(place, `cannot read the file: ${ioReason(error)}: ${quoted(name)}`);
    }
  }
}
