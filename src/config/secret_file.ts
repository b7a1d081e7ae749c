import { printable } from "../text/control.ts";

/**
 * Who may read or write a file but should not, and how to fix that; undefined if its permissions are fine. Passwords
 * may be read by the owner, and by a group of which this process is a member.
 */
export async function tooOpen(file: string): Promise<string | undefined> {
  const { mode, uid, gid } = await Deno.stat(file);
  if (mode === null) return undefined;
  const others = (mode & 0o007) !== 0
    ? "other users have"
    : (mode & 0o070) !== 0 && !await isOwnGroup({ uid, gid })
    ? "a group that this process is not in has"
    : undefined;
  if (others === undefined) return undefined;
  const octal = (mode & 0o777).toString(8).padStart(4, "0");
  return `${others} access to this file (mode ${octal}), run: chmod 600 ${printable(file)}`;
}

/**
 * Whether a file's group is one of this process's own. The process may not ask for its own ids (`--allow-sys`), but
 * a file that it creates shows them. A supplementary group shows when the process can read a file of another user by
 * the group's permission alone. If it cannot create a file, it knows of no group.
 */
async function isOwnGroup(
  owner: { readonly uid: number | null; readonly gid: number | null },
): Promise<boolean> {
  try {
    const probe = await Deno.makeTempFile({ prefix: "query-sniper-" });
    const own = await Deno.stat(probe).finally(() => Deno.remove(probe));
    return own.gid === owner.gid || (own.uid !== 0 && own.uid !== owner.uid);
  } catch {
    return false;
  }
}
