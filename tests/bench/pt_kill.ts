import { ACCOUNTS, type LabServer } from "../lab/mod.ts";

/** pt-kill (percona-toolkit) while it watches a server; disposing of it ends it. */
export interface PtKill extends AsyncDisposable {
  readonly pid: number;
}

/** Starts pt-kill on a lab's server, looking every second; undefined where it is not installed. */
export function startPtKill({ host, port }: LabServer, args: readonly string[]): PtKill | undefined {
  const { user, password } = ACCOUNTS.root;
  const where = ["--host", host, "--port", `${port}`, "--user", user, "--password", password];
  // Without what the machine or its user has configured, nor a word to its makers.
  const plain = ["--config", "/dev/null", "--no-version-check"];
  try {
    const child = new Deno.Command("pt-kill", {
      args: [...plain, ...where, "--interval", "1", ...args],
      clearEnv: true,
      env: { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", HOME: "/nonexistent" },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    return {
      pid: child.pid,
      async [Symbol.asyncDispose]() {
        child.kill("SIGTERM");
        await child.status;
      },
    };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
