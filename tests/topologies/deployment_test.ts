// docs/install.md, the crontab's line, its logrotate and the unit, as they are given: on a root folder of their own, with
// `nobody` in the place of the program's user.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { ACCOUNTS, Client, type LabServer, requireFlavors, startPair } from "../lab/mod.ts";
import { page, sample } from "../pages.ts";
import { type LoggedEvent, ROOT } from "../program.ts";
import { INTERRUPTED, slowQuery, start } from "../integration/fixture.ts";

const INSTALL = page("docs/install.md");
const IS_ROOT = Deno.uid() === 0;
/** Debian's `nobody` and `nogroup`. */
const NOBODY = 65_534;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run([command = "", ...args]: readonly string[], env?: Record<string, string>): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd: ROOT,
    stdin: "null",
    ...env !== undefined && { env, clearEnv: true },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** The lines of a block of commands. */
function lines(text: string): readonly string[] {
  return text.trim().split("\n");
}

/** A stock Debian's folders, owned by root, and what is said of them there. */
class Host implements AsyncDisposable {
  readonly folder: string;
  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<Host> {
    const host = new Host(await Deno.makeTempDir({ prefix: "query-sniper-host-" }));
    await Deno.chmod(host.folder, 0o755);
    for (
      const folder of [
        "etc/cron.d",
        "etc/logrotate.d",
        "etc/systemd/system",
        "usr/local/bin",
        "var/lib",
        "var/log",
      ]
    ) {
      await Deno.mkdir(join(host.folder, folder), { recursive: true, mode: 0o755 });
    }
    return host;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** A text with this host's paths, and the users that there are here. */
  here(text: string): string {
    const placed = text.replaceAll(/(?<![\w/.])\/(?=(?:etc|usr\/local|var)\b)/g, `${this.folder}/`);
    return placed
      .replaceAll(/(?<=-o |su |create 0640 )query-sniper\b/g, "nobody")
      .replaceAll(/(?<=-g )query-sniper\b/g, "nogroup");
  }

  /** Types a line of the page as root; whoever is not root owns all of it. */
  async types(line: string): Promise<void> {
    const typed = IS_ROOT ? this.here(line) : this.here(line).replaceAll(/ -[og] \S+/g, "");
    const { code, stderr } = await run(["sh", "-c", typed]);
    assertEquals(code, 0, `${typed}\n${stderr}`);
  }

  /** Runs a command as the program's user, with next to no environment. */
  async asUser(words: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
    const identity = IS_ROOT
      ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--"]
      : [];
    return await run([...identity, ...words], { HOME: "/nonexistent", PATH: "/usr/bin:/bin", ...env });
  }

  /** Types a line that becomes the program's user for its command. */
  async typesAsUser(line: string): Promise<void> {
    const [, words] = /^runuser -u query-sniper -- (.*)$/.exec(line)!;
    const { code, stdout, stderr } = await this.asUser(this.here(words!).split(" "), {
      PATH: `${this.path("usr/local/bin")}:/usr/bin:/bin`,
      QUERY_SNIPER_CONFIG: this.path("etc/query-sniper/query-sniper.yaml"),
    });
    assertEquals([code, stderr], [0, ""], `${line}\n${stdout}`);
  }

  /** Runs what a file for cron.d says, as cron does. */
  async cron(): Promise<Ended> {
    const lines = (await Deno.readTextFile(this.path("etc/cron.d/query-sniper"))).split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    const [, command] = /^\* \* \* \* \* query-sniper (.*)$/.exec(lines.at(-1)!)!;
    const env = Object.fromEntries(lines.slice(0, -1).map((line) => this.here(line).split("=")));
    return await this.asUser(["/bin/sh", "-c", this.here(command!)], { ...env, SHELL: "/bin/sh" });
  }

  async log(name = "events.jsonl"): Promise<readonly LoggedEvent[]> {
    const text = await Deno.readTextFile(this.path(`var/log/query-sniper/${name}`));
    return text.trim().split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** What an operator writes into the two files; their owners and modes stay. */
async function configure(host: Host, { name, port }: LabServer): Promise<void> {
  const { user, password } = ACCOUNTS.sniper;
  await Deno.writeTextFile(
    host.path("etc/query-sniper/query-sniper.yaml"),
    `mode: enforce
policies: [{ name: long, where: "user = 'app' and time > 500ms", then: kill query }]
databases: [{ name: ${name}, host: 127.0.0.1, port: ${port} }]
`,
  );
  await Deno.writeTextFile(
    host.path("etc/query-sniper/credentials.yaml"),
    `default: { user: ${user}, password: ${password} }\n`,
  );
}

Deno.test("what docs/install.md says makes the crontab's line kill, for a user who may write nowhere else", async (t) => {
  await using host = await Host.make();
  const [useradd, ...installs] = lines(sample("install-files"));
  assertMatch(useradd!, /^useradd --system .* query-sniper$/);
  const binary = join(host.folder, "compiled");
  const { code, stderr } = await run(["tests/binary/compile", "main.ts", binary]);
  assertEquals(code, 0, stderr);
  for (const line of installs) await host.types(line.replace("dist/query-sniper", binary));
  for (const line of lines(sample("install-cron"))) await host.types(line);

  await using pair = await startPair((await requireFlavors())[0]!);
  await configure(host, pair.primary);
  await using client = await Client.connect(pair.primary, ACCOUNTS.app);

  await t.step("the program's user can read its files, and check says that it can kill", async () => {
    for (const line of lines(sample("install-check"))) await host.typesAsUser(line);
  });

  await t.step("the compiled program prints no warning of its runtime", async () => {
    const config = host.path("etc/query-sniper/query-sniper.yaml");
    const recording = host.path("var/lib/query-sniper/look.jsonl.gz");
    for (
      const args of [
        ["explain", "-c", config],
        ["record", "-c", config, "--for", "1s", "--output", recording],
        ["replay", "-c", config, recording],
      ]
    ) {
      const { code, stderr } = await host.asUser([host.path("usr/local/bin/query-sniper"), ...args], {});
      assertEquals([code, /deprecat|\bwarning/i.test(stderr)], [0, false], stderr);
    }
  });

  await t.step("it kills, logs and writes its journal", async () => {
    const victim = start(client, slowQuery(60));
    await new Promise((resolve) => setTimeout(resolve, 700));
    const { code, stderr } = await host.cron();
    assertEquals([code, stderr], [0, ""]);
    assertEquals(await victim.error, INTERRUPTED);
    const killed = (await host.log()).filter(({ event }) => event === "kill");
    assertEquals(killed.map(({ outcome }) => outcome), ["killed"]);
    assert((await Deno.stat(host.path("var/lib/query-sniper/query-sniper.sqlite"))).size > 0);
  });

  await t.step("it has nothing to say while nothing happens", async () => {
    const before = await host.log();
    const { code, stdout, stderr } = await host.cron();
    assertEquals([code, stdout, stderr], [0, "", ""]);
    assertEquals(await host.log(), before);
  });

  await t.step({
    name: "its log is rotated, and the next line goes to the new one",
    ignore: !IS_ROOT, // the file says whose the log is, and only root can become that user
    fn: async () => {
      const before = await host.log();
      const file = host.path("etc/logrotate.d/query-sniper");
      await Deno.writeTextFile(file, host.here(await Deno.readTextFile(file)));
      const { code, stderr } = await run(["logrotate", "--force", "--state", host.path("state"), file]);
      assertEquals([code, stderr], [0, ""]);
      assertEquals(await host.log("events.jsonl.1"), before);
      assertEquals(await host.log(), []);
      await Deno.writeTextFile(host.path("var/lib/query-sniper/pause"), "");
      const victim = start(client, slowQuery(60));
      await new Promise((resolve) => setTimeout(resolve, 700));
      await host.cron();
      assert((await host.log()).length > 0, "what is paused is told");
      const { mode, uid } = await Deno.stat(host.path("var/log/query-sniper/events.jsonl"));
      assertEquals([mode! & 0o777, uid], [0o640, NOBODY]);
      await using root = await Client.connect(pair.primary);
      await root.query(`KILL QUERY ${client.id}`);
      assertEquals(await victim.error, INTERRUPTED);
    },
  });

  await t.step("an upgrade leaves the line at work", async () => {
    const [install, validate, move, restart, ...rest] = lines(sample("install-upgrade"));
    assertEquals([restart, rest], ["systemctl restart query-sniper", []]);
    await host.types(install!.replace("dist/query-sniper", binary));
    await host.typesAsUser(validate!);
    await host.types(move!);
    assertEquals((await host.cron()).code, 0);
  });

  await t.step("the modes are those of the page's table", async () => {
    const rows = [...INSTALL.matchAll(/^\| `(\/[\w/.-]+?)\/?` \| (\S+), (\S+) \| (\d{4}) \|/gm)];
    assertEquals(rows.length, 5);
    for (const [, path, owner, group, mode] of rows) {
      const stat = await Deno.stat(host.path(path!.slice(1)));
      assertEquals((stat.mode! & 0o7777).toString(8).padStart(4, "0"), mode, path);
      if (!IS_ROOT) continue;
      assertEquals(stat.uid, owner === "root" ? 0 : NOBODY, path);
      if (group !== "adm") assertEquals(stat.gid, group === "root" ? 0 : NOBODY, path);
    }
  });
});

Deno.test("systemd has nothing to say against the unit, and puts its exposure at 2.0 or less", async () => {
  await using host = await Host.make();
  const [install, ...others] = lines(sample("install-service"));
  await host.types(install!);
  assertEquals(others.filter((line) => !/^(?:systemctl|journalctl) /.test(line)), []);
  const unit = await Deno.readTextFile(host.path("etc/systemd/system/query-sniper.service"));
  // Only that the program is not installed here would be told.
  const runnable = unit.replaceAll("/usr/local/bin/query-sniper", "/bin/true");
  const file = host.path("query-sniper.service");
  const credential = sample("install-credential").replace("[Service]\n", "");
  assert(
    unit.includes(`#${credential}`) &&
      unit.includes(sample("install-credential-path").split(": ")[1]!.trim()),
  );
  for (const text of [runnable, runnable.replace(`#${credential}`, credential)]) {
    await Deno.writeTextFile(file, text);
    const verified = await run(["systemd-analyze", "verify", file]);
    assertEquals(verified, { code: 0, stdout: "", stderr: "" });
  }
  const { code, stdout } = await run([
    "systemd-analyze",
    "security",
    "--offline=true",
    "--threshold=20",
    file,
  ]);
  const [, exposure] = /Overall exposure level for query-sniper.service: ([\d.]+)/.exec(stdout) ?? [];
  assert(code === 0 && Number(exposure) <= 2, stdout);
  assert(INSTALL.includes(`says ${exposure},`), `docs/install.md says what systemd does: ${exposure}`);
  assertMatch(unit, /^ExecReload=\/bin\/kill -HUP \$MAINPID$/m);
});
