import { execFault, type ProvisionConfig } from "../../config/mod.ts";
import { LONGEST_ANSWER, readDestroyed, readServerState } from "./answer.ts";
import { type Provisioner, ProvisionError, type ServerRequest } from "./provisioner.ts";

type ExecConfig = Extract<ProvisionConfig, { readonly kind: "exec" }>;

/** How long a program that was told to end may take, in milliseconds. */
const LAST_WORDS = 2_000;
/** How long after its end what it wrote may still come, in milliseconds. */
const LAST_OUTPUT = 200;

/** A program of the user's: JSON on its standard input, one answer in JSON on its standard output. */
export function execProvisioner({ program, timeout }: ExecConfig): Provisioner {
  const run = (action: "create" | "destroy", request: ServerRequest, signal: AbortSignal) =>
    ask(program, { timeout, signal, body: { action, ...request } });
  return {
    kind: "exec",
    async ask(request, signal) {
      return readServerState(await run("create", request, signal), request.name);
    },
    async destroy(request, signal) {
      return readDestroyed(await run("destroy", request, signal), request.name);
    },
  };
}

async function ask(
  program: string,
  { timeout, signal, body }: {
    readonly timeout: number;
    readonly signal: AbortSignal;
    readonly body: unknown;
  },
): Promise<string> {
  const fault = execFault(program);
  if (fault !== undefined) throw new ProvisionError(fault, { isFinal: true });
  // An event that has been is not told again: nothing would end the program.
  if (signal.aborted) throw new ProvisionError("it was not waited for");
  const child = start(program);
  const overdue = AbortSignal.timeout(timeout);
  const ended = AbortSignal.any([signal, overdue]);
  const end = () => void stop(child);
  ended.addEventListener("abort", end, { once: true });
  if (ended.aborted) end();
  try {
    const told = tell(child, JSON.stringify(body));
    const text = await outputOf(child);
    await told;
    const { success, code } = await child.status;
    if (overdue.aborted) throw new ProvisionError(`no answer within ${timeout / 1000}s`);
    if (signal.aborted) throw new ProvisionError("it was not waited for");
    if (!success) {
      throw new ProvisionError(`it ended with ${code}; its errors are in the log of this program`);
    }
    return text;
  } finally {
    ended.removeEventListener("abort", end);
  }
}

function start(program: string): Deno.ChildProcess {
  try {
    return new Deno.Command(program, { args: [], stdin: "piped", stdout: "piped", stderr: "inherit" })
      .spawn();
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound ? "it does not exist" : (error as Error).name;
    throw new ProvisionError(`it cannot be run: ${why}`, { isFinal: true });
  }
}

/** One that does not read what it is told may still answer. */
async function tell({ stdin }: Deno.ChildProcess, text: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(`${text}\n`));
    await writer.close();
  } catch {
    // It has closed its input.
  }
}

/** What it writes until it has ended. What it has started may hold its output open for good, and is not waited for. */
async function outputOf(child: Deno.ChildProcess): Promise<string> {
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  let timer: ReturnType<typeof setTimeout> | undefined;
  void child.status.then(() => timer = setTimeout(() => void reader.cancel().catch(() => {}), LAST_OUTPUT));
  let [text, size] = ["", 0];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text;
      size += value.length;
      if (size > LONGEST_ANSWER) {
        void stop(child);
        throw new ProvisionError("its answer is too long", { isFinal: true });
      }
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    await child.status;
    clearTimeout(timer);
    await reader.cancel().catch(() => {});
  }
}

async function stop(child: Deno.ChildProcess): Promise<void> {
  const kill = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch {
      // It has ended.
    }
  };
  kill("SIGTERM");
  const timer = setTimeout(() => kill("SIGKILL"), LAST_WORDS);
  await child.status;
  clearTimeout(timer);
}
