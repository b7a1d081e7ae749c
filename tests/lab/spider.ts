import { join } from "node:path";

/** Of Debian's package; the server on this machine gets nothing of it, it is only unpacked. */
const PACKAGE = "mariadb-plugin-spider";
const INSIDE = "usr/lib/mysql/plugin";

/** The folder with MariaDB's Spider engine, unpacked into the cache where it is not there yet. */
export async function spiderFolder(): Promise<string> {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "/root", ".cache");
  const folder = join(cache, "query-sniper", "spider");
  const plugins = join(folder, INSIDE);
  if (await exists(join(plugins, "ha_spider.so"))) return plugins;
  await Deno.mkdir(join(cache, "query-sniper"), { recursive: true });
  const work = await Deno.makeTempDir({ dir: join(cache, "query-sniper"), prefix: "spider-" });
  try {
    await run(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", PACKAGE], work);
    const deb = (await Array.fromAsync(Deno.readDir(work))).find(({ name }) => name.endsWith(".deb"));
    await run(["dpkg-deb", "-x", deb?.name ?? "", "new"], work);
    // Another run may have put it there meanwhile.
    await Deno.rename(join(work, "new"), folder).catch(() => {});
    if (await exists(join(plugins, "ha_spider.so"))) return plugins;
    throw new Error(`${PACKAGE} has no ha_spider.so in ${INSIDE}`);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

async function run([program, ...args]: readonly string[], cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(program!, { args: args as string[], cwd }).output();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim();
  throw new Error(`No Spider on this machine, and ${program} cannot get ${PACKAGE}: ${said}`);
}

async function exists(file: string): Promise<boolean> {
  return await Deno.stat(file).then(() => true, () => false);
}
