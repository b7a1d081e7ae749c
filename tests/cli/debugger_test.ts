// Deno opens its debugger at SIGUSR1, to everybody on the host.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Folder } from "../config/folder.ts";
import { waitFor } from "../lab/wait_for.ts";
import { ROOT } from "../program.ts";

const SIGUSR1 = 10n;
const SIGTERM = 15n;

/** Starts a program that runs until it is told to stop, as the commands do that look after something. */
async function startWaiting(permissions: readonly string[]) {
  const source = `import { stopOnSignals } from "${ROOT}src/cli/stop_signal.ts";
    const { signal } = stopOnSignals();
    const timer = setInterval(() => {}, 1000);
    signal.addEventListener("abort", () => clearInterval(timer));`;
  const folder = await Folder.make({ "waits.ts": source });
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      ...permissions,
      folder.file("waits.ts"),
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let hasEnded = false;
  void child.status.then(() => hasEnded = true);
  let stderr = "";
  const read = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) stderr += text;
  })();
  return {
    child,
    /** Sends SIGUSR1 once the program listens to signals: before, it would end it. */
    async ask(): Promise<void> {
      const status = await Deno.readTextFile(`/proc/${child.pid}/status`);
      const caught = BigInt(`0x${/SigCgt:\s*([0-9a-f]+)/.exec(status)?.[1]}`);
      const listens = (signal: bigint) => (caught >> (signal - 1n) & 1n) === 1n;
      if (listens(SIGUSR1) && listens(SIGTERM)) child.kill("SIGUSR1");
    },
    get stderr(): string {
      return stderr;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      if (!hasEnded) child.kill("SIGKILL");
      await Promise.all([read, child.status]);
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** The debuggers that answer. */
async function debuggers(): Promise<string> {
  try {
    return await (await fetch("http://127.0.0.1:9229/json/list")).text();
  } catch {
    return "";
  }
}

Deno.test("nothing listens after SIGUSR1, from source either", async () => {
  await waitFor("the debugger's port to be free", async () => await debuggers() === "");
  await using program = await startWaiting(["--allow-all"]);
  // Deno listens to the signal from half a second after its start on.
  const opened = await waitFor("the debugger to be opened", async () => {
    await program.ask();
    return /listening on ws:\S+\/([0-9a-f-]+)/.exec(program.stderr)?.[1];
  });
  await waitFor("the debugger to be closed", async () => !(await debuggers()).includes(opened));
  program.child.kill("SIGTERM");
  assertEquals((await program.child.status).code, 0);
});

Deno.test("what may not close the debugger says so", async () => {
  await using program = await startWaiting([]);
  const said = await waitFor("the warning", async () => {
    await program.ask();
    return program.stderr.includes("--allow-sys") ? program.stderr : undefined;
  });
  assertStringIncludes(said, "query-sniper: Deno may have opened its debugger");
});
