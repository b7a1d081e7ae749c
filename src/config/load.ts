import { dirname, isAbsolute, join } from "node:path";
import { quoted } from "../text/nearest.ts";
import { Secret } from "../text/secret.ts";
import type { Account, Config, DatabaseConfig, Tls } from "./config.ts";
import { DEFAULTS } from "./defaults.ts";
import { type Credentials, type Databases, type Environment, readCredentials } from "./credentials.ts";
import { cutExpressions } from "./comment.ts";
import {
  ConfigError,
  fileOf,
  ioReason,
  isWrong,
  locateAll,
  type LocatedProblem,
  Problems,
  readDocument,
} from "../yaml/mod.ts";
import { familiarKey } from "./familiar.ts";
import type { Vocabulary } from "../language/mod.ts";
import type { Domain } from "../policy/mod.ts";
import { aboutQueries } from "./exemptions.ts";
import { gather } from "./include.ts";
import { readListen } from "./listen.ts";
import { readChannels } from "./notify.ts";
import { readProxysql } from "./proxysql.ts";
import type { PlacedValue } from "./merged_levels.ts";
import type { TlsKeys } from "./levels.ts";
import { readSharding } from "./sharding.ts";
import { resolve, type ResolvedDatabase } from "./resolve.ts";
import { type ConfigFile, configFile } from "./schema.ts";

/** How to load a configuration. */
export interface LoadOptions {
  readonly environment: Environment;
  /** The domain of the databases. */
  readonly domain: Domain;
  /** The names of policies about shards. */
  readonly shards: Vocabulary;
  /** `if-present`: for validation, since the credentials may be on another host; `ignored`: no login is needed. */
  readonly credentials: "required" | "if-present" | "ignored";
  /** Where the file will be installed: its paths are relative to that place. Absent: where it is now. */
  readonly place?: string;
  /** Whether to warn about policies that are valid but probably a mistake. */
  readonly thorough?: boolean;
  /** The time, to warn of exemptions that have expired; milliseconds since 1970. */
  readonly now?: number;
}

/** A configuration, and warnings about it. */
export interface LoadResult {
  readonly config: Config;
  /** The files that the main one includes. */
  readonly included: readonly string[];
  readonly warnings: readonly LocatedProblem[];
}

/**
 * Reads both files, and the ones that they name.
 * @throws {ConfigError} With everything that is wrong in them.
 */
export async function loadConfig(file: string, options: LoadOptions): Promise<LoadResult> {
  const document = await readDocument(file, { secretKeys: false });
  const problems = new Problems({ hints: familiarKey });
  const warnings = new Problems();
  const keys = configFile.read(document.value, [], problems) ?? {};
  const place = options.place ?? file;
  const folder = dirname(place);
  const { gathered, documents: included, errors: unread } = await gather(document, keys, {
    place,
    problems,
    warnings,
  });
  const names = (gathered.keys.databases ?? []).map((database) => database?.name);
  const known = isWrong(gathered.keys, "databases") || names.includes(undefined)
    ? undefined
    : names.filter((name) => name !== undefined);
  const sharding = readSharding(keys.sharding, {
    problems,
    warnings,
    databases: known,
    vocabulary: options.shards,
    databaseVocabulary: options.domain.vocabulary,
    limits: isWrong(keys, "limits") ? undefined : keys.limits ?? new Map(),
    channels: isWrong(keys, "notify") ? undefined : [...keys.notify?.keys() ?? []],
    placed: (name) => inFolder(folder, name),
  });
  const databases = await readTlsFiles(
    resolve(gathered, { problems, warnings }, {
      domain: options.domain,
      thorough: options.thorough ?? false,
      limitsNamed: Object.keys(sharding?.growth.limits ?? {}),
    }),
    folder,
    problems,
  );
  const queries = aboutQueries(keys, { problems, warnings }, options.now);
  const secrets = {
    ...{ problems, missing: options.credentials === "required" ? problems : warnings },
    environment: options.environment,
    placed: (name: string) => inFolder(folder, name),
    secrets: options.credentials !== "ignored",
  };
  const channels = await readChannels(keys.notify, { ...secrets, warnings, databases: known });
  const listen = await readListen(keys.listen, secrets);
  const state = stateFiles(keys, folder, options.environment);
  const proxysql = await readProxysql(keys.proxysql, {
    problems,
    placed: (name: string) => inFolder(folder, name),
    state: dirname(state.pause),
  });
  const documents = [document, ...included];
  const found = [...await locateAll(documents, problems.list), ...unread];
  const written = gathered.keys.databases ?? [];
  const { accounts, errors, warnings: accountWarnings, proxysql: logins } = await readAccounts(
    inFolder(folder, keys.credentials ?? DEFAULTS.credentials),
    {
      names: names.filter((name) => name !== undefined),
      groupOf: (name) => written.find((database) => database?.name === name)?.group,
      groups: isWrong(gathered.keys, "groups") ? undefined : [...gathered.keys.groups?.keys() ?? []],
      complete: known !== undefined,
      proxysql: proxysql !== undefined,
    },
    options,
  );
  if (found.length > 0 || errors.length > 0) throw new ConfigError([...found, ...errors]);
  return {
    config: {
      file,
      databases: databases.map((database): DatabaseConfig => {
        const account = accounts.get(database.name);
        return { ...database, ...account && { account } };
      }),
      sql: keys.log?.sql ?? DEFAULTS.sql,
      ...queries,
      notify: channels,
      ...sharding && { sharding },
      ...listen && { listen },
      tags: keys.tags?.filter((tag) => tag !== undefined) ?? DEFAULTS.tags,
      ...proxysql !== undefined && { proxysql: { ...proxysql, ...logins } },
      ...state,
    },
    warnings: [
      ...(await Promise.all(documents.map(cutExpressions))).flat(),
      ...await locateAll(documents, warnings.list),
      ...accountWarnings,
    ],
    included: included.map(({ file }) => file),
  };
}

/**
 * systemd names a state folder (`StateDirectory=`), or several. Without one, the journal is beside the configuration.
 */
function stateFiles(
  { journal = {}, evidence }: ConfigFile,
  folder: string,
  environment: Environment,
): Pick<Config, "journal" | "retention" | "pause" | "evidence"> {
  const state = environment("STATE_DIRECTORY")?.split(":")[0] || folder;
  // A path in the file is relative to that file; the default path is not.
  const placed = (name: string, byDefault: string) =>
    name === byDefault ? join(state, name) : inFolder(folder, name);
  const { keep = DEFAULTS.evidence.keep, folder: files = DEFAULTS.evidence.folder } = evidence ?? {};
  const kept = evidence && { evidence: { keep, folder: placed(files, DEFAULTS.evidence.folder) } };
  const { file: name = DEFAULTS.journal.file, keep: age = DEFAULTS.journal.keep, max_size } =
    typeof journal === "string" ? { file: journal } : journal;
  const retention = { keep: age, maxSize: max_size ?? DEFAULTS.journal.maxSize };
  if (name === "off") return { retention, pause: join(state, "pause"), ...kept };
  const file = placed(name, DEFAULTS.journal.file);
  return { journal: file, retention, pause: join(dirname(file), "pause"), ...kept };
}

interface Accounts {
  readonly accounts: ReadonlyMap<string, Account>;
  readonly proxysql: Credentials["proxysql"];
  readonly errors: readonly LocatedProblem[];
  readonly warnings: readonly LocatedProblem[];
}

/**
 * Returns problems with the credentials instead of throwing, so that they are reported together with those of the main
 * file.
 */
async function readAccounts(
  file: string,
  databases: Databases,
  { credentials, environment }: LoadOptions,
): Promise<Accounts> {
  const none = { accounts: new Map<string, Account>(), proxysql: {}, errors: [], warnings: [] };
  if (credentials === "ignored") return none;
  if (credentials === "if-present" && !await exists(file)) {
    const message = "the credentials file does not exist here: it was not checked";
    return { ...none, warnings: [{ file, path: "", message }] };
  }
  try {
    const { accounts, proxysql, missing, warnings } = await readCredentials(file, databases, environment);
    return credentials === "required"
      ? { accounts, proxysql, errors: missing, warnings }
      : { accounts, proxysql, errors: [], warnings: [...missing, ...warnings] };
  } catch (error) {
    if (error instanceof ConfigError) return { ...none, errors: error.problems };
    throw error;
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await Deno.stat(file);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}

async function readTlsFiles(
  databases: readonly ResolvedDatabase[],
  folder: string,
  problems: Problems,
): Promise<readonly (Omit<ResolvedDatabase, "tls"> & { readonly tls: Tls })[]> {
  const texts = new Map<string, string>();
  const told = new Set<string>();
  const read = async ({ value: file, path }: PlacedValue<string>): Promise<string> => {
    const writtenIn = fileOf(path);
    const name = inFolder(writtenIn === undefined ? folder : dirname(writtenIn), file);
    try {
      texts.set(name, texts.get(name) ?? await Deno.readTextFile(name));
    } catch (error) {
      if (!told.has(name)) problems.report(path, `cannot read the file: ${ioReason(error)}: ${quoted(file)}`);
      told.add(name);
    }
    return texts.get(name) ?? "";
  };
  const readAll = async ({ mode, ca, cert, key }: TlsKeys): Promise<Tls> => ({
    mode,
    ...ca && { ca: await read(ca) },
    ...cert && { cert: await read(cert) },
    ...key && { key: new Secret(await read(key)) },
  });
  return await Promise.all(
    databases.map(async (database) => ({ ...database, tls: await readAll(database.tls) })),
  );
}

/** Resolves a path that may be relative to the folder of a file. */
export function inFolder(folder: string, file: string): string {
  return isAbsolute(file) ? file : join(folder, file);
}
