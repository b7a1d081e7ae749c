// The image's file in config/deploy/: what Docker would say of it, and its one script on a release that is made up.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { validate } from "dockerfile-utils";
import { join } from "node:path";
import { Folder } from "../config/folder.ts";
import { sample } from "../pages.ts";
import { ROOT } from "../program.ts";

const FOLDER = `${ROOT}config/deploy/container/`;
const TEXT = await Deno.readTextFile(`${FOLDER}Dockerfile`);
const IS_ROOT = Deno.uid() === 0;

Deno.test("the Dockerfile has no instruction that Docker does not know, and runs as nobody of importance", () => {
  assertEquals(validate(TEXT), []);
  assert(validate(TEXT.replace("ENTRYPOINT", "ENTRYPOINTS")).length > 0, "it finds a misspelt one");
  const last = TEXT.split(/^FROM /m).at(-1)!;
  assertMatch(last, /^USER 65532:65532$/m);
  assertMatch(last, /^ENTRYPOINT \["\/usr\/local\/bin\/query-sniper"\]$/m);
  assertMatch(TEXT, /^ARG BASE=gcr\.io\/distroless\/cc-debian12:nonroot$/m);
  assert(!/^RUN/m.test(last), "there is no shell in it");
});

Deno.test("the builder gets the programs for Linux and their sums, and nothing else", async () => {
  const lines = (await Deno.readTextFile(`${FOLDER}Dockerfile.dockerignore`)).split("\n");
  const rules = lines.filter((line) => line !== "" && !line.startsWith("#"));
  const [, copied] = /^COPY (.+) \.\/$/m.exec(TEXT)!;
  assertEquals(rules, ["*", ...copied!.split(" ").map((pattern) => `!${pattern}`)]);
});

Deno.test("docs/install.md builds it from the folder of a release, for the name that Kubernetes has", async () => {
  const words = sample("install-image").trim().split(" ");
  assertEquals([...words.slice(0, 2), words.at(-1)], ["docker", "build", "dist/release"]);
  await Deno.stat(`${ROOT}${words[words.indexOf("-f") + 1]}`);
  const [name, tag] = words[words.indexOf("-t") + 1]!.split(":");
  const kustomization = await Deno.readTextFile(`${ROOT}config/deploy/kubernetes/kustomization.yaml`);
  assertStringIncludes(kustomization, `newName: ${name}, newTag: ${tag} }`);
});

/** Runs the script of the first stage in a folder, as if that were the whole disk. */
async function build(folder: Folder, architecture: string): Promise<{ code: number; stderr: string }> {
  const [, script] = /^RUN (.*?[^\\])\n(?! {4})/ms.exec(TEXT)!;
  const here = script!.replaceAll("\\\n", "").replaceAll("/image/", `${folder.path}/image/`);
  const { code, stderr } = await new Deno.Command("sh", {
    args: ["-c", IS_ROOT ? here : here.replaceAll(/ -[og] \d+/g, "")],
    cwd: folder.path,
    env: { TARGETARCH: architecture },
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

async function release(): Promise<Folder> {
  const files = { "query-sniper-1.0.0-linux-x64": "x64", "query-sniper-1.0.0-linux-arm64": "arm64" };
  const folder = await Folder.make(files);
  const { stdout } = await new Deno.Command("sha256sum", { args: Object.keys(files), cwd: folder.path })
    .output();
  const others = `${"0".repeat(64)}  query-sniper-1.0.0-macos-x64\n`;
  await Deno.writeTextFile(join(folder.path, "SHA256SUMS"), new TextDecoder().decode(stdout) + others);
  return folder;
}

Deno.test("the image gets the program for its processor, if it is the one that was released", async () => {
  for (const [architecture, name] of [["amd64", "x64"], ["arm64", "arm64"]] as const) {
    await using folder = await release();
    assertEquals(await build(folder, architecture), { code: 0, stderr: "" });
    const program = join(folder.path, "image/usr/local/bin/query-sniper");
    assertEquals(await Deno.readTextFile(program), name);
    assertEquals((await Deno.stat(program)).mode! & 0o7777, 0o755);
    const { mode, uid } = await Deno.stat(join(folder.path, "image/var/lib/query-sniper"));
    assertEquals([mode! & 0o7777, IS_ROOT ? uid : 65_532], [0o750, 65_532]);
  }
  await using folder = await release();
  assertEquals((await build(folder, "riscv64")).code, 1);
  await Deno.writeTextFile(join(folder.path, "query-sniper-1.0.0-linux-x64"), "another one");
  const { code, stderr } = await build(folder, "amd64");
  assert(code !== 0);
  assertStringIncludes(stderr, "did NOT match");
  assertEquals(await Deno.stat(join(folder.path, "image")).catch(() => undefined), undefined);
});
