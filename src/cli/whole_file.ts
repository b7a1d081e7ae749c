/**
 * Writes a file that is there as a whole, or as it was before. What is no plain file, as a device or a pipe, is written to,
 * and a link stays one: neither is replaced.
 * @throws {Error} The system's; what was begun is gone then.
 */
export async function writeWhole(file: string, text: string): Promise<void> {
  const place = await placeOf(file);
  if (place === undefined) return await Deno.writeTextFile(file, text);
  const unfinished = `${place}.${crypto.randomUUID()}.unfinished`;
  try {
    await Deno.writeTextFile(unfinished, text, { createNew: true });
    await Deno.rename(unfinished, place);
  } catch (error) {
    await Deno.remove(unfinished).catch(() => {});
    throw error;
  }
}

/** Where the file is that a name leads to, or is to be; undefined where it cannot be put in the place of what is there. */
async function placeOf(file: string): Promise<string | undefined> {
  try {
    return (await Deno.stat(file)).isFile ? await Deno.realPath(file) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return file;
    throw error;
  }
}
