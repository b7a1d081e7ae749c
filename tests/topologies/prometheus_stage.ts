import { join } from "node:path";
import { freePort } from "../lab/start.ts";
import { waitFor } from "../lab/mod.ts";
import { ROOT } from "../program.ts";

/** Where the files of Prometheus, Alertmanager and Grafana are. */
export const DEPLOY: string = `${ROOT}config/deploy/`;

/** What became of a tool. */
export interface Ended {
  readonly code: number;
  /** Both of its outputs. */
  readonly output: string;
}

/** Runs a tool in config/deploy/ to its end. */
export async function runTool([command = "", ...args]: readonly string[], cwd = DEPLOY): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args, cwd }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: text(stdout) + text(stderr) };
}

/** A series as Prometheus answers with it. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** A real Prometheus on a free port that scrapes each second. */
export class Prometheus implements AsyncDisposable {
  readonly #url: string;
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;

  private constructor(url: string, child: Deno.ChildProcess, folder: string) {
    this.#url = url;
    this.#child = child;
    this.#folder = folder;
  }

  /** `scrape`: the entries of `scrape_configs`, as YAML in one line. */
  static async start(scrape: string): Promise<Prometheus> {
    const folder = await Deno.makeTempDir({ prefix: "query-sniper-prometheus-" });
    const file = join(folder, "prometheus.yaml");
    await Deno.writeTextFile(file, `global: { scrape_interval: 1s }\nscrape_configs: ${scrape}\n`);
    const address = `127.0.0.1:${freePort()}`;
    const child = new Deno.Command("prometheus", {
      args: [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=${address}`,
        "--log.level=error",
      ],
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    const started = new Prometheus(`http://${address}`, child, folder);
    try {
      await waitFor("Prometheus to be ready", async () => {
        const answer = await fetch(`http://${address}/-/ready`).catch(() => undefined);
        await answer?.body?.cancel();
        return answer?.ok;
      });
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
    return started;
  }

  /** What an expression is now. Throws what Prometheus has against it. */
  async query(expression: string): Promise<readonly Series[]> {
    const body = new URLSearchParams({ query: expression });
    const answer = await (await fetch(`${this.#url}/api/v1/query`, { method: "POST", body })).json();
    if (answer.status !== "success") throw new Error(`${expression}: ${answer.error}`);
    return answer.data.result;
  }

  /** The errors of the last scrapes, by target; empty texts where they succeeded. */
  async scrapeErrors(): Promise<readonly string[]> {
    const { data } = await (await fetch(`${this.#url}/api/v1/targets`)).json();
    return data.activeTargets.map(({ lastError }: { readonly lastError: string }) => lastError);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}
