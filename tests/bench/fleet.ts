// What a fleet costs: databases that all lead to one pair of lab servers, each looked at once a second, its gate and
// its sessions read at every look. Prints one JSON object: processor time and resident memory of the process, and how
// late looks were, and the same for one pt-kill (percona-toolkit), where it is installed. What physics sets: two round
// trips a look, and a socket with its buffers for each database.
//
//   deno run --allow-all tests/bench/fleet.ts [DATABASES] [SECONDS] [FLAVOR]

import { ACCOUNTS, Client, type Flavor, type LabServer, startPair } from "../lab/mod.ts";
import { startProgram } from "../program.ts";
import { writeConfig } from "../integration/fixture.ts";

/** What a process has used so far. */
interface Use {
  /** In seconds. */
  readonly cpu: number;
  /** In MiB. */
  readonly rss: number;
}

/** Clock ticks a second (sysconf _SC_CLK_TCK), on every Linux. */
const TICKS = 100;

async function useOf(pid: number): Promise<Use> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const rss = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
  return { cpu: (Number(fields[11]) + Number(fields[12])) / TICKS, rss };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function ours(servers: readonly LabServer[], count: number, seconds: number) {
  const rows = Array.from({ length: count }, (_, index) => {
    const { host, port } = servers[index % servers.length]!;
    return `{ name: db-${index}, host: ${host}, port: ${port} }`;
  });
  await using config = await writeConfig({
    mode: "dry-run",
    rules: `
      policies:
        - { name: reads, when: "threads_running > 0 and hll >= 0", where: "running and user = 'app' and time > 10s", then: kill query }
    `,
    databases: rows,
  });
  const text = await Deno.readTextFile(config.file);
  await Deno.writeTextFile(config.file, text.replace("interval: 100ms", "interval: 1s"));
  const args = ["run", "-c", config.file, "--log-format", "json"];
  await using program = startProgram(args, { timeoutMs: 3_600_000 });
  const connected = () => program.lines.filter((line) => line.includes('"event":"connected"')).length;
  const started = performance.now();
  while (connected() < count && performance.now() - started < 120_000) await pause(200);
  const connect_seconds = (performance.now() - started) / 1000;
  await pause(5000);
  const before = await useOf(program.pid);
  await pause(seconds * 1000);
  const after = await useOf(program.pid);
  const { stdout } = await program.stop();
  const events = stdout.trim().split("\n").map((line) => JSON.parse(line));
  const stop = events.at(-1);
  const beats = events.filter(({ event }) => event === "heartbeat");
  const late = beats.map(({ late_ms }) => Number(late_ms)).toSorted((a, b) => a - b);
  return {
    databases: count,
    connected: connected(),
    connect_seconds: Number(connect_seconds.toFixed(1)),
    cpu_percent_of_a_core: Number(((after.cpu - before.cpu) / seconds * 100).toFixed(1)),
    cpu_ms_per_look: Number(((after.cpu - before.cpu) * 1000 / (seconds * count)).toFixed(3)),
    rss_mib: Math.round(after.rss),
    looks: stop.looks,
    late_ms_p99: late[Math.floor(late.length * 0.99)],
    late_ms_worst: late.at(-1),
    skipped: beats.reduce((sum, { skipped = 0 }) => sum + skipped, 0),
  };
}

async function theirs(server: LabServer, seconds: number) {
  const { user, password } = ACCOUNTS.root;
  try {
    const child = new Deno.Command("pt-kill", {
      args: [
        ...["--host", server.host, "--port", String(server.port), "--user", user, "--password", password],
        ...["--busy-time", "10", "--match-user", "app", "--interval", "1", "--print"],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await pause(3000);
    const before = await useOf(child.pid);
    await pause(seconds * 1000);
    const after = await useOf(child.pid);
    child.kill("SIGTERM");
    await child.status;
    return {
      cpu_percent_of_a_core: Number(((after.cpu - before.cpu) / seconds * 100).toFixed(2)),
      rss_mib: Math.round(after.rss),
    };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "not installed";
    throw error;
  }
}

const [count = "1000", seconds = "60", flavor = "mariadb"] = Deno.args;
await using pair = await startPair(flavor as Flavor);
for (const server of [pair.primary, pair.replica]) {
  await using root = await Client.connect(server);
  await root.query("SET GLOBAL max_connections = 4000");
}
const result = await ours([pair.primary, pair.replica], Number(count), Number(seconds));
const pt_kill = await theirs(pair.primary, 20);
// deno-lint-ignore no-console
console.log(JSON.stringify({ flavor, query_sniper: result, pt_kill }, null, 2));
