// The example for Ansible in config/deploy/, by Debian's ansible-lint and by what docs/install.md does by hand.

import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import { page, sample } from "../pages.ts";
import { ROOT } from "../program.ts";

const FOLDER = `${ROOT}config/deploy/ansible/`;

interface Task {
  readonly name: string;
  readonly notify?: string;
  readonly loop?: readonly Readonly<Record<string, string>>[];
  readonly [module: `ansible.builtin.${string}`]: Readonly<Record<string, string>>;
}

async function tasks(file: string): Promise<readonly Task[]> {
  return parse(await Deno.readTextFile(`${FOLDER}roles/query_sniper/${file}/main.yaml`)) as readonly Task[];
}

async function run(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<[code: number, output: string]> {
  const env = { ANSIBLE_NOCOLOR: "1", NO_COLOR: "1", ANSIBLE_HOME: await Deno.makeTempDir() };
  try {
    const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args], cwd, env }).output();
    return [code, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr)];
  } finally {
    await Deno.remove(env.ANSIBLE_HOME, { recursive: true });
  }
}

Deno.test("Ansible can read the playbook, and its linter finds nothing in it at the profile for production", async () => {
  const [command, ...words] = sample("install-ansible").trim().split(" ");
  const read = await run(command!, [...words, "--syntax-check"], FOLDER);
  assertEquals(read[0], 0, read[1]);
  const strict = ["--offline", "--profile", "production", "-q"];
  const linted = await run("ansible-lint", [...strict, "playbook.yaml"], FOLDER);
  assertEquals(linted, [0, ""]);
});

Deno.test("whatever changed is restarted or reloaded, and a reload is a SIGHUP", async () => {
  const handlers = await tasks("handlers");
  const notified = (await tasks("tasks")).flatMap(({ notify }) => notify ?? []);
  assertEquals([...new Set(notified)].toSorted(), handlers.map(({ name }) => name).toSorted());
  const state = (name: string) =>
    handlers.find((task) => task.name === name)!["ansible.builtin.systemd"]!["state"];
  assertEquals([state("Restart query-sniper"), state("Reload query-sniper")], ["restarted", "reloaded"]);
  const unit = await Deno.readTextFile(`${ROOT}config/deploy/systemd/query-sniper.service`);
  assert(/^ExecReload=.*-HUP/m.test(unit));
});

Deno.test("the configuration is checked after it was copied, and before a handler or the start can use it", async () => {
  const names = (await tasks("tasks")).map(({ name }) => name);
  const [copied, checked, started] = [
    "Copy the configuration",
    "Check the configuration",
    "Start the service",
  ]
    .map((name) => names.findIndex((each) => each.startsWith(name)));
  assert(copied! >= 0 && copied! < checked! && checked! < started!, names.join(", "));
  assert(
    !(await Deno.readTextFile(`${FOLDER}roles/query_sniper/tasks/main.yaml`)).includes("flush_handlers"),
  );
});

Deno.test("owners and modes are those of docs/install.md", async () => {
  const rows = page("docs/install.md").matchAll(/^\| `(\/[\w/.-]+?)\/?` \| (\S+), (\S+) \| (\d{4}) \|/gm);
  const wanted = new Map([...rows].map(([, path, ...rights]) => [path!, rights]));
  const files = (await tasks("tasks")).flatMap((task) => {
    const { dest, ...rest } = task["ansible.builtin.copy"] ?? {};
    const file = task["ansible.builtin.file"];
    const made = (task.loop ?? []).map((item) => ({ ...file, ...item }));
    return [...dest === undefined ? [] : [{ path: dest, ...rest }], ...made] as readonly Record<
      string,
      string
    >[];
  });
  const rights = new Map(files.map(({ path, owner, group, mode }) => [path!, [owner!, group!, mode!]]));
  const both = [...wanted.keys()].filter((path) => rights.has(path));
  assertEquals(both, ["/usr/local/bin/query-sniper", "/etc/query-sniper", "/var/lib/query-sniper"]);
  for (const path of both) assertEquals(rights.get(path), wanted.get(path), path);
  assertEquals(rights.get("/etc/query-sniper/"), wanted.get("/etc/query-sniper/credentials.yaml"));
});
