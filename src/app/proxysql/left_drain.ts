import { type Admin, STATEMENTS } from "../../proxysql/mod.ts";

/** The clocks of a file, of this program and of ProxySQL may differ by so much, in milliseconds. */
const SLACK = 3000;

/**
 * Whether a drain was of a ProxySQL that has ended: the one that answers has begun since.
 * @param drain Since when it drains and what time it is, in milliseconds since 1970.
 * @throws {AdminError}
 */
export async function isOfBefore(
  admin: Admin,
  { since, wall }: { readonly since: number; readonly wall: number },
): Promise<boolean> {
  const globals = await admin.rows(STATEMENTS.globals());
  const uptime = Number(globals.find(({ name }) => name === "ProxySQL_Uptime")?.["value"] ?? NaN);
  return Number.isFinite(uptime) && wall - uptime * 1000 > since + SLACK;
}
