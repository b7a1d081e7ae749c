/** The login from an option file of the MySQL and MariaDB clients. */
export interface ClientOptions {
  readonly user?: string;
  readonly password?: string;
}

/** The sections of such a file that are read, the more specific one last. */
const GROUPS = ["client", "query-sniper"];
const ESCAPES: Readonly<Record<string, string>> = { b: "\b", t: "\t", n: "\n", r: "\r", s: " ", "\\": "\\" };

/**
 * Reads the sections `[client]` and `[query-sniper]` of a file like `~/.my.cnf`. The last value of an option counts.
 * Files that it includes are not read. The syntax is that of the MySQL manual, "Using Option Files".
 */
export function clientOptions(text: string): ClientOptions {
  const found = new Map<string, ClientOptions>();
  let group = "";
  for (const line of text.split("\n").map((line) => line.trim())) {
    const [, name] = /^\[(.*)\]/.exec(line) ?? [];
    if (name !== undefined) group = name.trim().toLowerCase();
    const [, key, value] = /^(user|password)\s*=\s*(.*)$/.exec(line) ?? [];
    if (key !== undefined) found.set(group, { ...found.get(group), [key]: valueOf(value!) });
  }
  return Object.assign({}, ...GROUPS.map((name) => found.get(name)));
}

/** A quoted value is taken as it is; an unquoted one ends at a comment. */
function valueOf(text: string): string {
  const [, , within] = /^(['"])(.*?)\1\s*(?:#.*)?$/.exec(text) ?? [];
  const value = within ?? text.replace(/\s*#.*$/, "");
  return value.replaceAll(/\\(.)/g, (both, letter: string) => ESCAPES[letter] ?? both);
}
