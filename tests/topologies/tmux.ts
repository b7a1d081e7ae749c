import { waitFor } from "../lab/wait_for.ts";

/** A terminal that a program runs in: tmux, on a server of its own. */
export interface Tmux extends AsyncDisposable {
  /** What is on the screen now, a text a line, without what is blank at their ends. */
  screen(): Promise<readonly string[]>;
  /** Waits until the screen passes a test, and returns it. */
  shows(what: string, test: (screen: string) => boolean, timeoutMs?: number): Promise<string>;
  /** Types keys, by their names in tmux. */
  type(...keys: readonly string[]): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** What tmux knows of the terminal, in its own format language. */
  ask(format: string): Promise<string>;
}

export interface TmuxOptions {
  readonly columns?: number;
  readonly rows?: number;
}

const ENVIRONMENT = { LC_ALL: "C.UTF-8", TERM: "xterm-256color" };

let servers = 0;

/** Starts a terminal with a shell in it; what is to run there is typed. */
export async function startTmux({ columns = 80, rows = 24 }: TmuxOptions = {}): Promise<Tmux> {
  const server = `query-sniper-${Deno.pid}-${servers++}`;
  const tmux = async (...args: readonly string[]): Promise<string> => {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-L", server, ...args],
      env: ENVIRONMENT,
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    if (!success) throw new Error(`tmux ${args.join(" ")}: ${text(stderr)}`);
    return text(stdout);
  };
  // Its input ends with this process, however that ends; then tmux does, too.
  const guard = new Deno.Command("bash", {
    args: ["-c", 'tmux -L "$0" -f <(:) -D </dev/null & read -r; kill "$!"; wait', server],
    env: ENVIRONMENT,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await waitFor("tmux to start", () => tmux("show-options", "-g").catch(() => undefined));
  const size = ["-x", String(columns), "-y", String(rows)];
  await tmux("new-session", "-d", ...size, "env", "PS1=ready> ", "bash", "--norc", "--noprofile");
  const screen = async () => (await tmux("capture-pane", "-p")).split("\n").map((line) => line.trimEnd());
  return {
    screen,
    async shows(what, test, timeoutMs = 20_000) {
      let last = "";
      try {
        return await waitFor(what, async () => {
          last = (await screen()).join("\n");
          return test(last) && last;
        }, { timeoutMs });
      } catch (error) {
        throw new Error(`${(error as Error).message}. The screen:\n${last}`);
      }
    },
    type: async (...keys) => void await tmux("send-keys", ...keys),
    resize: async (columns, rows) =>
      void await tmux("resize-window", "-x", String(columns), "-y", String(rows)),
    ask: async (format) => (await tmux("display-message", "-p", format)).trim(),
    async [Symbol.asyncDispose]() {
      await guard.stdin.close();
      await guard.status;
    },
  };
}
