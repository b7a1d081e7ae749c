// tests/lab/fetch where it can get nothing. That it gets a server is tested in tests/topologies/first_day_test.ts.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { pathWithout } from "../path_without.ts";
import { ROOT } from "../program.ts";

/** Runs it with an empty cache, and says what is in there afterwards. */
async function fetch(flavor: string, path: (folder: string) => Promise<string>) {
  const folder = await Deno.makeTempDir();
  try {
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: [join(ROOT, "tests/lab/fetch"), flavor],
      env: { PATH: await path(join(folder, "bin")), XDG_CACHE_HOME: join(folder, "cache") },
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const cached = await Array.fromAsync(Deno.readDir(join(folder, "cache/query-sniper")), ({ name }) => name)
      .catch(() => []);
    return { code, stdout: text(stdout).replaceAll(folder, ""), stderr: text(stderr), cached };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("where there is neither apt nor Docker, a line says what to install, and nothing is left behind", async () => {
  for (
    const [flavor, title, program] of [["mariadb", "MariaDB", "mariadbd"], [
      "mysql",
      "MySQL",
      "mysqld",
    ]] as const
  ) {
    const { code, stdout, stderr, cached } = await fetch(
      flavor,
      (folder) => pathWithout(["apt", "docker"], folder),
    );
    assertEquals({ code, stderr, cached }, {
      code: 1,
      stderr:
        `lab: cannot get a ${title} here, neither from Debian's packages nor from a Docker engine: install a ` +
        `${title} server, so that ${program} is on the PATH\n`,
      cached: [],
    });
    assertStringIncludes(
      stdout,
      `lab: gets a ${title} of its own for tests and demonstrations, once, into /cache/`,
    );
  }
});

Deno.test("docker without an engine is told, and is no server", async () => {
  const { code, stderr, cached } = await fetch("mariadb", async (folder) => {
    const path = await pathWithout(["apt", "docker"], folder);
    const script = "#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n";
    await Deno.writeTextFile(join(path, "docker"), script, { mode: 0o755 });
    return path;
  });
  assertEquals([code, cached], [1, []]);
  const [first, second, ...rest] = stderr.trimEnd().split("\n");
  assertEquals(
    first,
    "lab: there is docker, and no engine that answers it: Cannot connect to the Docker daemon",
  );
  assertStringIncludes(second!, "install a MariaDB server");
  assertEquals(rest, []);
});

Deno.test("a broken image leaves nothing behind, and its container goes", async () => {
  const { code, stderr, cached } = await fetch("mysql", async (folder) => {
    const path = await pathWithout(["apt", "docker"], folder);
    const log = join(folder, "docker.log");
    const script = `#!/bin/sh
echo "$*" >>${log}
case $1 in
  version) echo 28.0 ;;
  create) echo c0ffee ;;
  export) echo no archive ;;
  rm) cat ${log} >&2 ;;
esac
`;
    await Deno.writeTextFile(join(path, "docker"), script, { mode: 0o755 });
    return path;
  });
  const calls = stderr.split("\n").filter((line) => /^(?:create|export|rm) /.test(line));
  assertEquals(calls, ["create docker.io/library/mysql:9", "export c0ffee", "rm c0ffee"]);
  assertEquals([code, cached], [1, []]);
  assertStringIncludes(stderr, "lab: cannot unpack docker.io/library/mysql:9: ");
});

Deno.test("fetch wants a flavor", async () => {
  const { code, stderr } = await fetch("percona", () => Promise.resolve(Deno.env.get("PATH") ?? ""));
  assertEquals([code, stderr], [2, "Usage: tests/lab/fetch mariadb|mysql\n"]);
});
