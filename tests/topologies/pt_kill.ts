import type { Account, LabServer } from "../lab/mod.ts";

const TIME_LIMIT_MS = 30_000;

/** What to say where this machine has no pt-kill. */
export const NO_PT_KILL =
  "No pt-kill on this machine, so nothing is compared with it: apt-get install percona-toolkit";

/** Whether this machine has pt-kill. Where it has not, that is told at the end of the run, where it is seen. */
export async function findPtKill(): Promise<boolean> {
  const found = await run(["--version"]).then(({ code }) => code === 0, () => false);
  if (!found) {
    globalThis.addEventListener("unload", () => {
      Deno.stderr.writeSync(new TextEncoder().encode(`\n*** ${NO_PT_KILL}\n`));
    });
  }
  return found;
}

/** What pt-kill came to. */
export interface PtKillResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where pt-kill logs in, and what makes all its instances stop: the default, in /tmp, may be somebody's. */
export interface PtKillOptions {
  readonly server: LabServer;
  readonly account: Account;
  readonly sentinel: string;
}

/** Runs pt-kill on a lab's server for one look, which is one second; with `args` as its own. */
export async function runPtKill(
  args: readonly string[],
  { server: { host, port }, account, sentinel }: PtKillOptions,
): Promise<PtKillResult> {
  if (host !== "127.0.0.1" || port === 3306) throw new Error(`Not a lab's server: ${host}:${port}`);
  const { user, password } = account;
  const where = ["--host", host, "--port", `${port}`, "--user", user, "--password", password];
  return await run([...where, "--sentinel", sentinel, "--run-time", "1", "--interval", "1", ...args]);
}

/** The ids of the sessions that pt-kill prints, or would: of `--print` in any of its uses. */
export function printedIds({ stdout }: PtKillResult): readonly number[] {
  return [...stdout.matchAll(/^# \S+ KILL (?:QUERY )?(\d+) /gm)].map(([, id]) => Number(id));
}

/** Runs pt-kill to its end, without what the machine or its user has configured, nor a word to its makers. */
export async function run(args: readonly string[]): Promise<PtKillResult> {
  const child = new Deno.Command("pt-kill", {
    args: ["--config", "/dev/null", "--no-version-check", ...args],
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", HOME: "/nonexistent" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), TIME_LIMIT_MS);
  try {
    const { code, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } finally {
    clearTimeout(timer);
  }
}
