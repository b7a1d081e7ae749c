import { join } from "node:path";
import { ROOT } from "../program.ts";
import { waitFor } from "../lab/wait_for.ts";

/** A stand-in for systemd: a socket that takes messages. */
export interface Manager extends AsyncDisposable {
  /** A folder for the program's own socket; there is nothing else in it. */
  readonly runtime: string;
  readonly socket: string;
  /** The messages so far, each as its lines. */
  readonly messages: readonly (readonly string[])[];
  /** Waits for the first message that passes the test, from the one with this index on. */
  message(
    what: string,
    test: (lines: readonly string[]) => boolean,
    from?: number,
  ): Promise<readonly string[]>;
}

/** Starts a stand-in for systemd. */
export async function startManager(): Promise<Manager> {
  const folder = await Deno.makeTempDir({ prefix: "query-sniper-manager-" });
  const [runtime, socket] = [join(folder, "runtime"), join(folder, "notify")];
  await Deno.mkdir(runtime);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", "--unstable-net", `${ROOT}tests/app/manager_receiver.ts`, socket],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let text = "";
  const reading = child.stdout.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({ write: (part) => void (text += part) }),
  );
  const messages = () => text.split("\n").slice(1, -1).map((line) => JSON.parse(line) as readonly string[]);
  await waitFor("the stand-in for systemd", () => Promise.resolve(text !== ""), { timeoutMs: 30_000 });
  return {
    runtime,
    socket,
    get messages() {
      return messages();
    },
    message: (what, test, from = 0) =>
      waitFor(what, () => Promise.resolve(messages().slice(from).find(test)), { timeoutMs: 20_000 }),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await Promise.all([child.status, reading]);
      await Deno.remove(folder, { recursive: true });
    },
  };
}
