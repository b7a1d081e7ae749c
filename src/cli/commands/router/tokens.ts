import { tooOpen } from "../../../config/mod.ts";
import { Secret } from "../../../text/secret.ts";

/** The fewest characters of a token: fewer can be guessed. */
const SHORTEST = 16;

/** Reads a file of tokens, one a line; or says what is wrong with it. No message shows a token. */
export async function readTokens(file: string): Promise<readonly Secret[] | string> {
  try {
    const open = await tooOpen(file);
    if (open !== undefined) return open;
    const lines = (await Deno.readTextFile(file)).split("\n").map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"));
    if (lines.length === 0) return "the file of tokens has none";
    const short = lines.findIndex((line) => line.length < SHORTEST);
    if (short >= 0) return `a token has fewer than ${SHORTEST} characters: it is number ${short + 1}`;
    return lines.map((line) => new Secret(line));
  } catch (error) {
    return `the file of tokens cannot be read: ${
      error instanceof Deno.errors.NotFound ? "it does not exist" : (error as Error).name
    }`;
  }
}
