// The README's first two commands, typed by somebody who is not root, on a machine whose servers are hidden: all that
// they need they get themselves. And where a server comes from if there is no apt.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { findPrograms } from "../lab/discover.ts";
import { pathWithout } from "../path_without.ts";
import { SAMPLES } from "../pages.ts";
import { ROOT } from "../program.ts";

const NOBODY = 65_534;
const MINUTES = 15;
/** What nobody should be told who does just as the README says. */
const WARNING = /deprecat|experimental|\bwarn/i;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A home of somebody who has never been here, with a copy of this checkout. */
class Newcomer implements AsyncDisposable {
  readonly home: string;
  private constructor(home: string) {
    this.home = home;
  }

  static async arrive(): Promise<Newcomer> {
    const newcomer = new Newcomer(await Deno.makeTempDir({ prefix: "query-sniper-first-day-" }));
    const copy =
      'mkdir "$1/checkout" && git ls-files -coz --exclude-standard | tar -c --null -T - | tar -x -C "$1/checkout"';
    const { code, stderr } = await run(["bash", "-c", copy, "bash", newcomer.home], { cwd: ROOT });
    assertEquals(code, 0, stderr);
    if (Deno.uid() === 0) await run(["chown", "-R", `${NOBODY}:${NOBODY}`, newcomer.home], { cwd: "/" });
    return newcomer;
  }

  get cache(): string {
    return join(this.home, ".cache", "query-sniper");
  }

  /** Types a line in the checkout. `path` is what stands in front of the usual one. */
  async types(line: string, { path }: { readonly path?: string } = {}): Promise<Ended> {
    const identity = Deno.uid() === 0
      ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"]
      : [];
    const { home } = this;
    // What tells programs where the certificates and mirrors of this network are stays; npx tells where *our* cache is.
    const kept = Object.entries(Deno.env.toObject()).filter(([name]) =>
      /proxy|cert|ca_|tls|npm_config_(?:registry|cafile|strict_ssl)/i.test(name)
    );
    return await run([...identity, "timeout", `${MINUTES}m`, "bash", "-c", line], {
      cwd: join(home, "checkout"),
      env: {
        ...Object.fromEntries(kept),
        HOME: home,
        PATH: path ?? Deno.env.get("PATH") ?? "",
        QUERY_SNIPER_LAB_FOLDERS: "",
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.home, { recursive: true });
  }
}

async function run(
  [command = "", ...args]: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    ...options,
    args,
    clearEnv: options.env !== undefined,
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** The commands of the README's first block, without their comments. */
function commands(): readonly string[] {
  return SAMPLES.find(({ language }) => language === "sh")!.text.trim().split("\n").map((line) =>
    line.replace(/ +#.*/, "")
  );
}

Deno.test("the README's two commands need Node.js and npm only, and say what they fetch", async (t) => {
  await using newcomer = await Newcomer.arrive();
  const [demo, ok, ...rest] = commands();
  assertEquals([demo, ok, rest.length], ["npx -y deno@2 task demo", "npx -y deno@2 task ok", 0]);

  await t.step("the first gets a server, and shows what it has to show", async () => {
    const { code, stdout, stderr } = await newcomer.types(demo!);
    assertEquals(code, 0, `${stdout}\n${stderr}`);
    const told = stderr.split("\n").filter((line) => line.startsWith("lab: "));
    assertMatch(told[0]!, /^lab: gets a MariaDB of its own .*\/\.cache\/query-sniper\/mariadb$/);
    assertEquals(
      told.flatMap((line) => /^lab: (\d of 4)/.exec(line)?.[1] ?? []),
      [1, 2, 3, 4].map((n) => `${n} of 4`),
    );
    assertMatch(told.at(-1)!, /^lab: MariaDB 10\.\d+\.\d+ in .*, \d+ MB$/);
    assertStringIncludes(stdout, "kills the analyst's connection on the primary");
    assertEquals(stderr.match(WARNING), null, stderr);
  });

  await t.step("the second finds it there, and tests on it", async () => {
    // All that it does but most of the tests, which take their minutes in the run that this one is a part of.
    const { code, stdout, stderr } = await newcomer.types(`${ok} --filter 'alike on mariadb'`);
    assertEquals(code, 0, `${stdout}\n${stderr}`);
    assertMatch(stdout, /alike on mariadb .*ok/);
    assert(!stderr.includes("lab: gets"), stderr);
    assertStringIncludes(stderr, "No MySQL server on this machine");
  });

  await t.step("the program is compiled without a word of warning", async () => {
    const [line] = SAMPLES.flatMap(({ text }) => /^npx -y deno@2 task compile\b/m.exec(text) ?? []);
    const { code, stdout, stderr } = await newcomer.types(`DENORT_BIN=${await denort(newcomer)} ${line}`);
    assertEquals(code, 0, `${stdout}\n${stderr}`);
    assertEquals(`${stdout}${stderr}`.match(WARNING), null, `${stdout}\n${stderr}`);
    assert((await Deno.stat(join(newcomer.home, "checkout/dist/query-sniper"))).size > 1e6);
  });

  await t.step(
    "where there is no apt, a server comes out of a container image, and no container runs",
    async () => {
      await using bare = await Newcomer.arrive();
      const path = await standIns(bare, newcomer.cache);
      const { code, stdout, stderr } = await bare.types("tests/lab/fetch mariadb", { path });
      assertEquals(code, 0, `${stdout}\n${stderr}`);
      assertEquals((await Deno.readTextFile(join(bare.home, "docker.log"))).trim().split("\n"), [
        "version --format {{.Server.Version}}",
        "pull --quiet docker.io/library/mariadb:10.11",
        "create docker.io/library/mariadb:10.11",
        "export c0ffee",
        "rm c0ffee",
      ]);
      const [program] = await findPrograms({ folders: [], cache: bare.cache });
      assertEquals(program?.flavor, "mariadb");
    },
  );
});

/** A runtime to compile with: that of another version does, where the right one cannot be downloaded. */
async function denort({ home }: Newcomer): Promise<string> {
  const { code, stdout, stderr } = await run(["tests/binary/runtime"], { cwd: ROOT });
  assertEquals(code, 0, stderr);
  const file = join(home, "denort");
  await Deno.copyFile(/^DENORT_BIN=(.*)$/m.exec(stdout)![1]!, file);
  await Deno.chmod(file, 0o755);
  return file;
}

/** A path with all of this machine's commands but apt, and a docker that gives out a server that was fetched before. */
async function standIns({ home }: Newcomer, fetched: string): Promise<string> {
  const folder = await pathWithout(["apt", "docker"], join(home, "bin"));
  const script = `#!/bin/sh
echo "$*" >>${home}/docker.log
case $1 in
  version) echo 28.0 ;;
  create) echo c0ffee ;;
  export) tar -c -C ${fetched}/mariadb --exclude=./data --exclude=./mariadbd . ;;
esac
`;
  await Deno.writeTextFile(join(folder, "docker"), script, { mode: 0o755 });
  await Deno.writeTextFile(join(home, "docker.log"), "");
  if (Deno.uid() === 0) await Deno.chown(join(home, "docker.log"), NOBODY, NOBODY);
  return folder;
}
