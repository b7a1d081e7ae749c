// Which servers this machine has. The flavor is what `--version` says, never the file's name: Debian's `mysqld`
// is a MariaDB.

import { dirname, join } from "node:path";

/** The two families of servers. */
export type Flavor = "mariadb" | "mysql";

/** Both flavors, in the order in which they are listed to users. */
export const FLAVORS: readonly Flavor[] = ["mariadb", "mysql"];

/** A server's binary, found and asked for its version. */
export interface Program {
  readonly flavor: Flavor;
  readonly version: string;
  /** The command up to and with `--no-defaults`, or what stands for it. */
  readonly command: readonly string[];
  /** Initialized data to copy instead of making it anew. */
  readonly data?: string;
}

/** Where to look; the defaults are this machine's. */
export interface Places {
  /** Folders with binaries, the first wins. */
  readonly folders?: readonly string[];
  /** The folder into which tests/lab/fetch unpacks servers. */
  readonly cache?: string;
}

/** One line for a flavor that this machine lacks: what is missing, and how to get it. */
export function missingMessage(flavor: Flavor): string {
  const name = flavor === "mariadb" ? "MariaDB" : "MySQL";
  return `No ${name} server on this machine, so nothing is tested on ${name}: tests/lab/fetch ${flavor}`;
}

/** The error of a machine without any server. */
export class NoServerError extends Error {
  override readonly name = "NoServerError";
  constructor() {
    super(
      "No MariaDB and no MySQL server on this machine: install MariaDB with `apt-get install mariadb-server`, " +
        "or get one for tests only with `tests/lab/fetch mariadb`, or `tests/lab/fetch mysql`",
    );
  }
}

/** The first usable server of each flavor; empty where there is none. */
export async function findPrograms(places: Places = {}): Promise<readonly Program[]> {
  const { folders = binaryFolders(), cache = cacheFolder() } = places;
  const candidates = [
    ...folders.flatMap((folder) => [join(folder, "mariadbd"), join(folder, "mysqld")]),
    join(cache, "mariadb", "mariadbd"),
    join(cache, "mysql", "mysqld"),
  ];
  const found: Program[] = [];
  const seen = new Set<string>();
  for (const path of candidates) {
    const real = await Deno.realPath(path).catch(() => undefined);
    if (real === undefined || seen.has(real)) continue;
    seen.add(real);
    const program = await (path.startsWith(`${cache}/`) ? askCache(path) : ask(path, ["--no-defaults"]));
    if (program && !found.some(({ flavor }) => flavor === program.flavor)) found.push(program);
  }
  return FLAVORS.flatMap((flavor) => found.filter((program) => program.flavor === flavor));
}

/** `mariadb-install-db`, beside a server or on the path; its bare name where there is none. */
export async function installer(server: string): Promise<string> {
  const base = dirname(dirname(server));
  const folders = [join(base, "bin"), join(base, "scripts"), ...binaryFolders()];
  for (const name of ["mariadb-install-db", "mysql_install_db"]) {
    for (const folder of folders) {
      const found = await Deno.stat(join(folder, name)).catch(() => undefined);
      if (found?.isFile) return join(folder, name);
    }
  }
  return "mariadb-install-db";
}

/** Reads the flavor and version out of what a server prints for `--version`; undefined for anything else. */
export function parseVersion(text: string): { flavor: Flavor; version: string } | undefined {
  const version = /\bVer (\d+\.\d+\.\d+\S*)/.exec(text)?.[1];
  if (version === undefined) return undefined;
  // Oracle's own builds call themselves MySQL; Debian's do not, and there is nothing else left for it to be.
  return { flavor: /mariadb/i.test(text) ? "mariadb" : "mysql", version };
}

/** Asks what tests/lab/fetch has unpacked: its wrapper says --no-defaults itself, before its own options. */
async function askCache(path: string): Promise<Program | undefined> {
  const program = await ask(path, []);
  return program && { ...program, data: join(dirname(path), "data") };
}

async function ask(path: string, options: readonly string[]): Promise<Program | undefined> {
  try {
    const { stdout } = await new Deno.Command(path, { args: ["--version"], stderr: "null" }).output();
    const known = parseVersion(new TextDecoder().decode(stdout));
    return known && { ...known, command: [path, ...options] };
  } catch {
    return undefined; // not executable, or for another architecture
  }
}

/** The folders of QUERY_SNIPER_LAB_FOLDERS in place of the usual ones: none hides what is installed. */
function binaryFolders(): readonly string[] {
  const own = Deno.env.get("QUERY_SNIPER_LAB_FOLDERS");
  const path = (own ?? Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder.startsWith("/"));
  return own === undefined ? [...path, "/usr/sbin"] : path;
}

function cacheFolder(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") || join(Deno.env.get("HOME") ?? "/root", ".cache");
  return join(cache, "query-sniper");
}
