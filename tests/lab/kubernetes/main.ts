// deno run -A tests/lab/kubernetes/main.ts: a stand-in for the API of Kubernetes, until Ctrl-C. It prints the variables and the
// folder that a pod has. Words on standard input: pod NAME IP, gone NAME, bookmark, drop, forget, hang, well, token TEXT.

import { ApiServer } from "./api_server.ts";

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

await using server = await ApiServer.start();
const { model } = server;
for (const [name, value] of Object.entries(server.environment)) say(`export ${name}=${value}`);
say(`# /var/run/secrets/kubernetes.io/serviceaccount: ${server.folder}`);
const WORDS: Readonly<Record<string, (...words: string[]) => unknown>> = {
  pod: (name = "core-0", podIP = "127.0.0.1") =>
    model.put("pods", {
      kind: "Pod",
      metadata: { name, namespace: "proxysql", labels: { app: "proxysql" } },
      status: { phase: "Running", podIP },
    }),
  gone: (name = "core-0") => model.delete("pods", "proxysql", name),
  bookmark: () => server.bookmark(),
  drop: () => server.drop(),
  forget: () => model.forget(),
  hang: () => server.trouble = { kind: "hang" },
  well: () => server.trouble = undefined,
  async token(token = "token-2") {
    server.tokens.clear();
    server.tokens.add(token);
    await server.renewToken(token);
  },
};

async function obey(line: string): Promise<void> {
  const [word = "", ...words] = line.split(/\s+/);
  const act = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (act === undefined) say(Object.keys(WORDS).join(" | "));
  else await act(...words);
  say(`${server.questions.length} questions, ${server.watches} watches`);
}

for await (const bytes of Deno.stdin.readable) {
  for (const line of new TextDecoder().decode(bytes).trim().split("\n")) await obey(line);
}
await new Promise(() => {});
