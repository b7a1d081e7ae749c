import { ROOT } from "./program.ts";

/** The TypeScript files below a folder of this checkout, sorted, with their paths from its root. */
export async function sourceFiles(folder: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(`${ROOT}${folder}`));
  const found = await Promise.all(entries.map(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? sourceFiles(path) : path.endsWith(".ts") ? [path] : [];
  }));
  return found.flat().toSorted();
}
