// What editors, containers, git and the host of the repository read.

import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import project from "../deno.json" with { type: "json" };
import { ROOT } from "./program.ts";
import { sourceFiles } from "./source_files.ts";

Deno.test("the editor writes as deno fmt does", async () => {
  const text = await Deno.readTextFile(`${ROOT}.editorconfig`);
  const value = (key: string) => new RegExp(`^${key} = (.*)$`, "m").exec(text)?.[1];
  assertEquals(value("max_line_length"), String(project.fmt.lineWidth));
  assertEquals([value("indent_style"), value("indent_size")], ["space", "2"]);
  assertEquals([value("end_of_line"), value("insert_final_newline")], ["lf", "true"]);
});

interface Service {
  readonly image: string;
  readonly command: string;
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly volumes?: readonly string[];
}

async function yaml(path: string): Promise<Readonly<Record<string, unknown>>> {
  return parse(await Deno.readTextFile(`${ROOT}${path}`)) as Readonly<Record<string, unknown>>;
}

Deno.test("the compose file has a primary and a GTID replica of each flavor, MariaDB by its profile", async () => {
  const services = (await yaml(".devcontainer/compose.yaml"))["services"] as Readonly<
    Record<string, Service>
  >;
  const servers = Object.entries(services).filter(([name]) => name !== "workspace");
  assertEquals(
    servers.map(([name, { image, command, profiles }]) => [
      name,
      image.split(":")[0],
      /--server-id=(\d)/.exec(command)?.[1],
      /--(?:gtid-mode=ON|gtid-strict-mode=1)/.test(command) && command.includes("--log-bin"),
      command.includes("--read-only"),
      profiles,
    ]),
    [
      ["mysql-primary", "mysql", "1", true, false, undefined],
      ["mysql-replica", "mysql", "2", true, true, undefined],
      ["mariadb-primary", "mariadb", "1", true, false, ["mariadb"]],
      ["mariadb-replica", "mariadb", "2", true, true, ["mariadb"]],
    ],
  );
  assertEquals(Object.keys(services["workspace"]!.depends_on!), ["mysql-primary", "mysql-replica"]);
});

Deno.test("the development container names a service and a script that are there", async () => {
  const container = JSON.parse(await Deno.readTextFile(`${ROOT}.devcontainer/devcontainer.json`));
  const compose = await yaml(`.devcontainer/${container.dockerComposeFile}`);
  const service = (compose["services"] as Readonly<Record<string, Service>>)[container.service]!;
  assertEquals(service.volumes, [`..:${container.workspaceFolder}:cached`]);
  const [shell, script] = container.postStartCommand.split(" ");
  assertEquals([shell, (await Deno.stat(`${ROOT}${script}`)).isFile], ["bash", true]);
});

Deno.test("what the host of the repository reads is YAML, and runs what CI runs", async () => {
  const { on, jobs } = await yaml(".github/workflows/ok.yaml");
  assertEquals(Object.keys(on as object), ["push", "pull_request"]);
  const { ok } = jobs as { readonly ok: { readonly steps: readonly { uses?: string; run?: string }[] } };
  assertEquals(ok.steps.map(({ uses, run }) => uses ?? run), [
    "actions/checkout@v4",
    "denoland/setup-deno@v2",
    ".ci/run",
  ]);
  for (const name of ["bug", "feature"]) {
    const { body } = await yaml(`.github/ISSUE_TEMPLATE/${name}.yaml`);
    assert((body as readonly unknown[]).length >= 3, name);
  }
});

Deno.test("the hook looks at format, lint, types and imports, and can be run", async () => {
  const hook = await Deno.readTextFile(`${ROOT}.hooks/pre-commit`);
  for (const part of ["deno fmt --check", "deno lint", "deno check", "tests/imports_test.ts"]) {
    assert(hook.includes(part), part);
  }
  assertEquals((await Deno.stat(`${ROOT}.hooks/pre-commit`)).mode! & 0o111, 0o111);
  assertEquals(project.tasks["hooks"], "git config core.hooksPath .hooks");
});

Deno.test("no SQL over the journal has numbered parameters: the runtime of binaries does not know them", async () => {
  const files = [...await sourceFiles("src/journal"), ...await sourceFiles("src/report")];
  assert(files.length > 30);
  const texts = await Promise.all(files.map((file) => Deno.readTextFile(`${ROOT}${file}`)));
  assertEquals(files.filter((_, index) => /[ (,=<>]\?\d/.test(texts[index]!)), []);
});
