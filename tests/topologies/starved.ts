// A program with few file handles, all taken while a client connects: it tells how clients fare before, then and after.

import { request, sendRaw, served } from "../http/server/fixture.ts";

// As `run` does: the first one takes file handles itself.
Deno.addSignalListener("SIGUSR2", () => {});
const server = await served();

/** A client outside of this program, which has its own file handles: prints `NAME STATUS`. */
function client(name: string, { after }: { readonly after: number }): Promise<unknown> {
  const script = `sleep ${after}; exec 3<>/dev/tcp/127.0.0.1/${server.port}; ` +
    "printf 'GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n' >&3; " +
    `read -r -t 2 _ status _ <&3; echo "${name} \${status:-nothing}"`;
  return new Deno.Command("bash", { args: ["-c", script], stdin: "null", stdout: "inherit" }).spawn().status;
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const clients = [
  client("before", { after: 0 }),
  client("meanwhile", { after: 1.5 }),
  client("after", { after: 13 }),
];
await sleep(1_000);
const files: Deno.FsFile[] = [];
try {
  while (true) files.push(Deno.openSync("/dev/null"));
} catch {
  // All of them.
}
await sleep(3_500);
for (const file of files) file.close();
await Promise.all(clients);
const own = await sendRaw(server.port, request("GET /"));
await Deno.stdout.write(new TextEncoder().encode(`own ${own.status}\n`));
Deno.exit();
