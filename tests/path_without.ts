/** Makes a folder of links to all commands of this machine but those that begin with one of `names`; it is a PATH. */
export async function pathWithout(names: readonly string[], folder: string): Promise<string> {
  await Deno.mkdir(folder);
  for (const place of ["/usr/sbin", "/usr/bin", "/usr/local/bin", "/bin"]) {
    const entries = await Array.fromAsync(Deno.readDir(place)).catch(() => []);
    await Promise.all(
      entries.filter((entry) => !names.some((name) => entry.name.startsWith(name)))
        .map(({ name }) => Deno.symlink(`${place}/${name}`, `${folder}/${name}`).catch(() => {})),
    );
  }
  return folder;
}
