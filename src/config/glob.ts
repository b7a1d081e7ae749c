import { isAbsolute, join } from "node:path";

/** Whether a path names more than one file: `*` stands for any part of a name, `?` for one character. */
export function isPattern(path: string): boolean {
  return /[*?]/.test(path);
}

/** What a name has to match: `*` stands for any part of it, `?` for one character. */
export function namePattern(pattern: string): RegExp {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll(/\*+/g, ".*").replaceAll("?", ".");
  return new RegExp(`^${source}$`, "su");
}

/**
 * The files that a pattern matches, sorted by name. Names that begin with a dot are matched only by patterns that do
 * so too.
 * @throws If a folder exists but cannot be read.
 */
export async function filesMatching(folder: string, pattern: string): Promise<readonly string[]> {
  let found = [isAbsolute(pattern) ? "/" : folder];
  for (const part of pattern.split("/").filter((part) => part !== "")) {
    const next = found.map((path) =>
      isPattern(part) ? namesMatching(path, part) : Promise.resolve([join(path, part)])
    );
    found = (await Promise.all(next)).flat();
  }
  const exist = await Promise.all(found.map(isFile));
  return found.filter((_, index) => exist[index]);
}

async function namesMatching(folder: string, pattern: string): Promise<string[]> {
  const expression = namePattern(pattern);
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (expression.test(name) && name.startsWith(".") === pattern.startsWith(".")) names.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
  }
  return names.sort().map((name) => join(folder, name));
}

/** Follows links. */
async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}
