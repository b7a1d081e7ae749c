import { didYouMean, quoted } from "../text/nearest.ts";
import { Secret } from "../text/secret.ts";
import { isWrong, type Path, type Problems } from "../yaml/mod.ts";
import type { ChannelConfig, Destination } from "./config.ts";
import { namePattern } from "./glob.ts";
import {
  CHANNEL_KINDS,
  isWebAddress,
  mailServer,
  notifyKeys,
  PAGERDUTY,
  type WrittenChannels,
} from "./notify_keys.ts";
import { readPem } from "./pem_file.ts";
import { readSecret, type SecretReading } from "./secret_source.ts";

type ChannelKind = Destination["kind"];
type WrittenChannel = NonNullable<WrittenChannels extends ReadonlyMap<string, infer C> ? C : never>;

/** What reading the secrets of channels needs; without secrets no channel has a destination. */
export interface ChannelReading extends SecretReading {
  readonly warnings: Problems;
  /** The names of all databases; undefined where these are not known. */
  readonly databases: readonly string[] | undefined;
}

/** Reads who is told, with the secrets. No message shows one. */
export async function readChannels(
  written: WrittenChannels | undefined,
  reading: ChannelReading,
): Promise<readonly ChannelConfig[]> {
  const channels: ChannelConfig[] = [];
  for (const [name, keys] of written ?? []) {
    const channel = keys && await readChannel(name, keys, reading);
    if (channel !== undefined) channels.push(channel);
  }
  return channels;
}

async function readChannel(
  name: string,
  keys: WrittenChannel,
  reading: ChannelReading,
): Promise<ChannelConfig | undefined> {
  const path = ["notify", name];
  const [kind, second] = CHANNEL_KINDS.filter((kind) => Object.hasOwn(keys, kind));
  if (kind === undefined) return undefined;
  if (second !== undefined) {
    reading.problems.report(path, `a channel is of one kind: "${kind}" and "${second}" exclude each other`);
    return undefined;
  }
  const { on = notifyKeys.on.default, databases = notifyKeys.databases.default } = keys;
  const named = databases.filter((glob) => glob !== undefined);
  warnOfStrangers(databases, [...path, "databases"], reading);
  const to = await new DestinationReader([...path, kind], reading).read(kind, keys);
  return {
    name,
    kind,
    on: on.filter((route) => route !== undefined),
    databases: named,
    every: keys.every ?? notifyKeys.every.default,
    ...to !== undefined && { to },
  };
}

function warnOfStrangers(
  globs: readonly (string | undefined)[],
  path: Path,
  { databases, warnings }: Pick<ChannelReading, "databases" | "warnings">,
): void {
  for (const [index, glob] of globs.entries()) {
    if (
      databases === undefined || glob === undefined || glob === "*" ||
      databases.some((name) => namePattern(glob).test(name))
    ) {
      continue;
    }
    const near = didYouMean(glob, databases, '"');
    warnings.report([...path, index], `no database has such a name: ${quoted(glob)}${near}`);
  }
}

class DestinationReader {
  readonly #path: Path;
  readonly #reading: ChannelReading;

  constructor(path: Path, reading: ChannelReading) {
    this.#path = path;
    this.#reading = reading;
  }

  /** Undefined where something is wrong, which has been reported, or where no secrets are read. */
  async read(kind: ChannelKind, keys: WrittenChannel): Promise<Destination | undefined> {
    switch (kind) {
      case "webhook": {
        const written = keys.webhook;
        if (written === undefined) return undefined;
        const url = await this.#address(written, ["url", "url_file", "url_env"]);
        const key = await this.#secret(written, ["secret_file", "secret_env"]);
        return url && key && { kind, url, key };
      }
      case "slack": {
        if (keys.slack === undefined) return undefined;
        const url = await this.#address(keys.slack, ["webhook_url_file", "webhook_url_env"]);
        return url && { kind, url };
      }
      case "pagerduty": {
        const written = keys.pagerduty;
        if (written === undefined) return undefined;
        const key = await this.#secret(written, ["routing_key_file", "routing_key_env"]);
        const url = isWrong(written, "url") ? undefined : written.url ?? PAGERDUTY;
        return url === undefined || key === undefined ? undefined : { kind, url: new Secret(url), key };
      }
      case "email":
        return keys.email && await this.#email(keys.email);
      case "alertmanager": {
        const url = keys.alertmanager?.url;
        return url === undefined ? undefined : { kind, url: new Secret(url) };
      }
    }
  }

  /** Without a user nobody logs in. */
  async #email(written: NonNullable<WrittenChannel["email"]>): Promise<Destination | undefined> {
    const { url, from, to = [], user, ca_file: file } = written;
    const keys = ["password_file", "password_env"] as const;
    const [given] = keys.filter((key) => Object.hasOwn(written, key));
    const isNamed = Object.hasOwn(written, "user");
    if (!isNamed && given !== undefined) {
      this.#reading.problems.report([...this.#path, given], 'a password needs a "user"', "key");
      return undefined;
    }
    const password = isNamed ? await this.#secret(written, keys) : undefined;
    const ca = await readPem(file, { path: [...this.#path, "ca_file"], reading: this.#reading });
    const server = url === undefined ? undefined : mailServer(url);
    const all = to.filter((address) => address !== undefined);
    if (server === undefined || from === undefined || all.length === 0) return undefined;
    if (isNamed && (user === undefined || password === undefined)) return undefined;
    if (file !== undefined && ca === undefined) return undefined;
    return {
      ...{ kind: "email", ...server, from, to: all },
      ...user !== undefined && password !== undefined && { user, password },
      ...ca !== undefined && { ca },
    };
  }

  /** An address, written or kept elsewhere. */
  async #address<K extends string>(
    written: Readonly<Partial<Record<K, string | undefined>>>,
    keys: readonly K[],
  ): Promise<Secret | undefined> {
    const found = await this.#secret(written, keys);
    if (found === undefined || isWebAddress(found.reveal())) return found;
    const key = keys.find((key) => Object.hasOwn(written, key))!;
    this.#reading.problems.report(
      [...this.#path, key],
      "this holds no address such as https://example.org/hook: what it holds is not shown",
    );
  }

  #secret<K extends string>(
    written: Readonly<Partial<Record<K, string | undefined>>>,
    keys: readonly K[],
  ): Promise<Secret | undefined> {
    return readSecret(written, keys, { path: this.#path, reading: this.#reading });
  }
}
