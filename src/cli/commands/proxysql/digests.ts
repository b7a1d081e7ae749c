import { dirname, isAbsolute, join, resolve } from "node:path";
import { systemClock } from "../../../clock.ts";
import { addressText, type DumpConfig, type ProxysqlConfig } from "../../../config/mod.ts";
import {
  digestMemory,
  DigestStore,
  dumpDigests,
  type Dumped,
  DumpError,
  dumpName,
  DumpStream,
  jsonOf,
  type Manifest,
  newUuid,
  purgeDigests,
  STATEMENTS,
  tidyFolder,
} from "../../../proxysql/mod.ts";
import type { Plugins } from "../../../proxysql/plugins/mod.ts";
import { countWords } from "../../../report/duration.ts";
import { printable } from "../../../text/control.ts";
import { quoted } from "../../../text/nearest.ts";
import { ioReason } from "../../../yaml/mod.ts";
import type { Invocation, Terminal } from "../../invocation.ts";
import { OutputError } from "../../output.ts";
import { UsageError } from "../../usage_error.ts";
import type { Task, TaskOptions } from "./task.ts";

/** `proxysql digests`: one dump of ProxySQL's digests. */
export const digests: Task = async (options) => {
  const { proxysql: { digests: config, admin }, invocation, terminal } = options;
  if (invocation.options.has("dry-run")) return await rehearse(options);
  const id = newUuid(systemClock);
  const file = fileOf(config, invocation, id);
  const mayPurge = config.purge !== undefined && file !== undefined && modeOf(config, invocation) === "delta";
  if (mayPurge && admin === undefined) {
    throw new UsageError(
      'digests.purge needs an administrator: "proxysql" in the credentials file names none',
    );
  }
  try {
    const folder = file === undefined ? undefined : folderOf(file, config);
    if (folder !== undefined) {
      await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    }
    using store = openStore(config.state);
    const dumped = await dump(store, { file, id }, options);
    tell(dumped.manifest, file, terminal);
    if (mayPurge) await purge(store, dumped, options);
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    const where = error instanceof DumpError || file === undefined ? "" : `${file}: `;
    terminal.warn(`query-sniper: no dump was made: ${where}${reason}`);
    return 1;
  }
  if (file !== undefined) await tidy(file, config, terminal);
  return 0;
};

/** The folder of dumps, if the file is there. */
function folderOf(file: string, { folder }: DumpConfig): string | undefined {
  return folder !== undefined && resolve(dirname(file)) === resolve(folder) ? folder : undefined;
}

/** There is a dump, whatever becomes of those before it. */
async function tidy(file: string, config: DumpConfig, { warn }: Terminal): Promise<void> {
  const folder = folderOf(file, config);
  if (folder === undefined) return;
  try {
    await tidyFolder(folder, { ...config, now: systemClock.wall() });
  } catch (error) {
    warn(`query-sniper: dumps before this one were not tidied: ${printable(folder)}: ${ioReason(error)}`);
  }
}

/** The counters of the last dump. @throws {DumpError} */
function openStore(file: string): DigestStore {
  try {
    return DigestStore.open(file);
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined || error instanceof DumpError) throw error;
    throw new DumpError(`the counters of dumps cannot be kept in ${printable(file)}: ${reason}`);
  }
}

function modeOf({ mode }: DumpConfig, { options }: Invocation): DumpConfig["mode"] {
  return options.has("delta") ? "delta" : mode;
}

function formatOf({ format }: DumpConfig, { options }: Invocation): DumpConfig["format"] {
  return (options.get("format") ?? format) as DumpConfig["format"];
}

/** The file to write; undefined for standard output. */
function fileOf(config: DumpConfig, invocation: Invocation, id: string): string | undefined {
  const named = invocation.options.get("output");
  if (named === "-") return undefined;
  if (named !== undefined) return isAbsolute(named) ? named : resolve(named);
  if (config.folder === undefined) return undefined;
  return join(config.folder, dumpName(formatOf(config, invocation), { at: systemClock.wall(), id }));
}

async function dump(
  store: DigestStore,
  { file, id }: { readonly file: string | undefined; readonly id: string },
  { config: { tags }, proxysql, invocation, terminal, connect }: TaskOptions,
): Promise<Dumped> {
  const { digests: config, address } = proxysql;
  await using plugins = await pluginsOf(proxysql, terminal);
  await using admin = connect("read");
  return await dumpDigests(admin, store, {
    config,
    mode: modeOf(config, invocation),
    format: formatOf(config, invocation),
    instance: addressText(address),
    pod: terminal.environment("POD_NAME") ?? terminal.environment("HOSTNAME") ?? null,
    id,
    tags,
    clock: systemClock,
    ...plugins !== null && { plugins },
    to: file === undefined ? { stream: new DumpStream(standardOutput) } : { file },
  });
}

/** The plugins of the configuration, which are loaded only where there are any. */
async function pluginsOf(config: ProxysqlConfig, terminal: Terminal): Promise<Plugins | null> {
  if (config.plugins.length === 0) return null;
  const { Plugins } = await import("../../../proxysql/plugins/mod.ts");
  return await Plugins.start(config, {
    clock: systemClock,
    tell({ plugin, state, reason }) {
      if (state === "failed") terminal.warn(`query-sniper: plugin ${quoted(plugin)} failed: ${reason}`);
    },
  });
}

const standardOutput = {
  async write(bytes: Uint8Array): Promise<number> {
    try {
      return await Deno.stdout.write(bytes);
    } catch (cause) {
      throw new OutputError("the output cannot be written", { cause });
    }
  },
};

/** Standard output has the dump itself where there is no file: then what is not in it goes to standard error. */
function tell(manifest: Manifest, file: string | undefined, terminal: Terminal): void {
  if (file === undefined) {
    terminal.warn(jsonOf(manifest));
    return;
  }
  const { rows, from, resets, restarted, sha256 } = manifest;
  const began = restarted
    ? ", ProxySQL was restarted"
    : resets > 0
    ? `, ${countWords(resets)} counted anew`
    : "";
  terminal.print(
    `${file}: ${countWords(rows)} rows ${
      from === null ? "in all" : `since ${from}`
    }${began}, sha256 ${sha256}`,
  );
}

/** Empties ProxySQL's digests where the configuration asks for it. */
async function purge(
  store: DigestStore,
  dumped: Dumped,
  { proxysql, terminal, connect, intend }: TaskOptions,
): Promise<void> {
  const limit = proxysql.digests.purge;
  if (limit === undefined) return;
  await using admin = connect("write");
  const { done, why } = await purgeDigests(admin, store, {
    ...{ memory: limit.memory, dumped, intend },
    clock: systemClock,
  });
  terminal.print(
    done ? `ProxySQL's digests were emptied: ${why}` : `ProxySQL's digests were not emptied: ${why}`,
  );
}

/** Prints what would change something. */
async function rehearse({ proxysql, terminal, connect }: TaskOptions): Promise<number> {
  const limit = proxysql.digests.purge;
  await using admin = connect("read");
  const taken = await digestMemory(admin);
  const isFull = limit !== undefined && taken !== undefined && taken >= BigInt(limit.memory);
  if (isFull) terminal.print(STATEMENTS.purgeDigests());
  terminal.warn(
    isFull
      ? `after a dump that is on the disk, since digests take ${taken} bytes`
      : "a dump would change nothing on ProxySQL",
  );
  return 0;
}

/** Why there is no dump; undefined where something else is wrong. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof DumpError) return error.message;
  const isSystems = error instanceof Error && "code" in error && error.name !== "AdminError";
  return isSystems || Object.values(Deno.errors).some((kind) => error instanceof kind)
    ? ioReason(error)
    : undefined;
}
