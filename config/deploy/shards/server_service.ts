// A service for `sharding.provision: { http: … }`, to try it: for each name it starts a MariaDB server on this host.
// TOKEN_FILE holds its token, ACCOUNT_SQL the statements that make the account of the coordinator and the router:
// deno run -A server_service.ts FOLDER PORT TOKEN_FILE ACCOUNT_SQL
import { createServer } from "node:net";

const [folder = "servers", port = "7070", tokenFile = "token", accountSql = "account.sql"] = Deno.args;
const [token, account] = [(await Deno.readTextFile(tokenFile)).trim(), await Deno.realPath(accountSql)];
const servers = new Map<string, Promise<{ readonly port: number; readonly process: Deno.ChildProcess }>>();

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

async function start(name: string) {
  await Deno.mkdir(`${folder}/${name}`, { recursive: true });
  const data = await Deno.realPath(`${folder}/${name}`);
  const common = ["--no-defaults", "--user=root", `--datadir=${data}`];
  const install = [...common, "--auth-root-authentication-method=normal", "--skip-test-db"];
  await new Deno.Command("mariadb-install-db", { args: install, stdout: "null", stderr: "null" }).output();
  const [port, files] = [await freePort(), [`--socket=${data}/socket`, `--pid-file=${data}/pid`, `--init-file=${account}`]];
  const args = [...common, ...files, "--skip-name-resolve", "--bind-address=127.0.0.1", `--port=${port}`];
  return { port, process: new Deno.Command("mariadbd", { args, stdout: "null", stderr: "null" }).spawn() };
}

async function stop(name: string) {
  const server = await servers.get(name);
  server?.process.kill("SIGTERM");
  await server?.process.status;
  servers.delete(name);
}

Deno.serve({ hostname: "127.0.0.1", port: Number(port) }, async (request) => {
  if (request.headers.get("authorization") !== `Bearer ${token}`) return new Response(null, { status: 401 });
  const { action, name } = await request.json();
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) return new Response(null, { status: 400 });
  if (action === "destroy") {
    await stop(name);
    await Deno.remove(`${folder}/${name}`, { recursive: true }).catch(() => {});
    return Response.json({ state: "destroyed", name });
  }
  if (!servers.has(name)) servers.set(name, start(name));
  const { port } = await servers.get(name)!;
  const isThere = await Deno.connect({ port }).then((connection) => (connection.close(), true), () => false);
  return Response.json(isThere ? { state: "ready", name, host: "127.0.0.1", port } : { state: "pending", name, retry_after: 0.5 });
});

Deno.addSignalListener("SIGTERM", () => Promise.all([...servers.keys()].map(stop)).then(() => Deno.exit(0)));
