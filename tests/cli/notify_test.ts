import { assert, assertEquals } from "@std/assert";
import { Folder } from "../config/folder.ts";
import { Receiver } from "../notify/receiver.ts";
import { runProgram, startProgram } from "../program.ts";
import { waitFor } from "../lab/wait_for.ts";

/** A folder whose channel `dba` leads to a receiver; nothing listens where its database should be. */
function folderFor({ url }: Receiver): Promise<Folder> {
  return Folder.make({
    "query-sniper.yaml": "notify:\n  dba: { webhook: { url_file: hook, secret_env: HOOK_KEY } }\n" +
      "journal: off\ndatabases: [{ name: orders, host: 127.0.0.1, port: 1 }]\n",
    "credentials.yaml": "default: { user: a, password: x }\n",
    hook: url,
  });
}

const env = { HOOK_KEY: "hunter2-of-the-key" };

Deno.test("notify test sends a sample through a channel, and prints the answer", async () => {
  await using receiver = new Receiver((count) =>
    count === 0
      ? new Response("thanks")
      : new Response("no service at /services/hidden-path-4711", { status: 404 })
  );
  await using folder = await folderFor(receiver);
  const test = () => runProgram(["notify", "test", "dba"], { cwd: folder.path, env });
  assertEquals(await test(), { code: 0, stdout: "dba: answered with 200: thanks\n", stderr: "" });
  assertEquals(await test(), { code: 1, stdout: "", stderr: "dba: answered with 404: no service at ***\n" });
  const [{ total, subjects }] = receiver.bodies as [{ total: number; subjects: { text: string }[] }];
  assertEquals([total, subjects[0]!.text], [1, "this is a sample, sent by: query-sniper notify test dba"]);
});

Deno.test("notify test says what is missing", async () => {
  await using receiver = new Receiver();
  await using folder = await folderFor(receiver);
  const run = (...args: string[]) => runProgram(["notify", ...args], { cwd: folder.path });
  const [unknown, none, more, secret] = await Promise.all([
    run("test", "dbas"),
    run("dba"),
    run("test", "dba", "x"),
    run("test", "dba"),
  ]);
  assert(unknown.stderr.includes('no channel has this name, below "notify": "dbas" (did you mean "dba"?)'));
  assert(none.stderr.includes("notify is told: test NAME"));
  assert(more.stderr.includes('notify is told: test NAME, and nothing else: "x"'));
  assert(secret.stderr.includes("this environment variable is not set: HOOK_KEY"));
  assertEquals([unknown, none, more, secret].map(({ code }) => code), [2, 2, 2, 2]);
  assertEquals(receiver.received, []);
});

Deno.test("run tells a channel what happens, and once tells it before it ends", async () => {
  await using receiver = new Receiver();
  await using folder = await folderFor(receiver);
  const { code } = await runProgram(["once", "--max-time", "1s"], { cwd: folder.path, env });
  assertEquals([code, receiver.received.length], [1, 1]);
  await using program = startProgram(["run", "--log-format", "json"], { cwd: folder.path, env });
  await waitFor("a message", () => Promise.resolve(receiver.received.length > 1), { timeoutMs: 20_000 });
  await Deno.remove(folder.file("hook"));
  program.signal("SIGHUP");
  const refused = await program.event(
    "the refusal",
    ({ event, state }) => event === "config" && state === "refused",
  );
  assert(JSON.stringify(refused).includes("notify.dba.webhook.url_file: cannot read the file"));
  const { stdout, stderr } = await program.stop();
  assert(!/hidden-path|hunter2/.test(`${stdout}${stderr}`), stdout);
  for (const { subjects } of receiver.bodies as readonly { subjects: { key: string }[] }[]) {
    assertEquals(subjects.map(({ key }) => key), ["query-sniper:unreachable:orders"]);
  }
});
