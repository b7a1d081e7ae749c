import type { ConnectionOptions } from "mysql2";
import type { Tls } from "../config/mod.ts";
import { connectError, type DatabaseError } from "./error.ts";

/**
 * Older runtimes report a missing socket as a lost connection.
 * @throws {DatabaseError} It is not there, or may not be used.
 */
export async function checkSocket(path: string): Promise<void> {
  try {
    await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw connectError({ code: "ENOENT" });
    throw connectError(error instanceof Deno.errors.PermissionDenied ? { code: "EACCES" } : error);
  }
}

/**
 * Older runtimes also report that nothing listens when the process has run out of file handles. This tells the two
 * apart, unless a handle is free again a moment later.
 */
export async function connectErrorOf(error: unknown): Promise<DatabaseError> {
  const isServers = Number((error as { errno?: number }).errno) > 0;
  return connectError(!isServers && await hasAllFiles() ? { code: "EMFILE" } : error);
}

/** Whether the process has run out of file handles. */
async function hasAllFiles(): Promise<boolean> {
  try {
    (await Deno.open("/dev/null")).close();
    return false;
  } catch (error) {
    return (error as { code?: string }).code === "EMFILE";
  }
}

/** The driver's options for TLS. */
export function tlsOptions({ mode, ca, cert, key }: Tls): NonNullable<ConnectionOptions["ssl"]> {
  const verify = mode === "verify-ca" || mode === "verify-identity";
  return {
    rejectUnauthorized: verify,
    verifyIdentity: mode === "verify-identity",
    ...ca !== undefined && { ca },
    ...cert !== undefined && { cert },
    ...key !== undefined && { key: key.reveal() },
  };
}
