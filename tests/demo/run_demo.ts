import { Narrator } from "./narrator.ts";

/** Several times as long as it takes: for a machine that is busy. */
const LONGEST_MS = 150_000;

/** The exit code of a demonstration that is ended from outside. */
function interrupted(): Promise<number> {
  return new Promise((resolve) => {
    const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
    for (const name of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(name, () => resolve(codes[name]));
    }
  });
}

/** What a demonstration shows; what it starts is ended by `cleanUp`, whatever happens. */
export type Demonstration = (narrator: Narrator, cleanUp: AsyncDisposableStack) => Promise<void>;

/** Runs a demonstration, and ends the program: with exit code 0 only if all of it happened. */
export async function runDemo(perform: Demonstration): Promise<never> {
  try {
    Deno.exit(await codeOf(perform));
  } catch (error) {
    Deno.stderr.writeSync(new TextEncoder().encode(`${messageOf(error)}\n`));
    Deno.exit(1);
  }
}

async function codeOf(perform: Demonstration): Promise<number> {
  const narrator = new Narrator();
  const cleanUp = new AsyncDisposableStack();
  const end = interrupted();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took longer than ${LONGEST_MS / 1000} s`)), LONGEST_MS);
  });
  try {
    const code = await Promise.race([perform(narrator, cleanUp).then(() => 0), end, late]);
    if (code !== 0) narrator.end("interrupted: ends everything that it started");
    return code;
  } catch (error) {
    narrator.end("failed: ends everything that it started");
    throw new Error(`The demonstration failed: ${messageOf(error)}`);
  } finally {
    clearTimeout(timer);
    await cleanUp.disposeAsync();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
