/** Longer reasons are cut, in characters: the file is for people, the reason for events. */
const LONGEST_REASON = 200;

/**
 * The reason why kills are paused: the text of the file, `paused` where it is empty, nothing where there is
 * no such file. One that is there but cannot be read pauses as well.
 */
export async function pauseReason(file: string): Promise<string | undefined> {
  try {
    const text = (await Deno.readTextFile(file)).trim();
    return text === "" ? "paused" : text.slice(0, LONGEST_REASON);
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? undefined : "the pause file cannot be read";
  }
}
