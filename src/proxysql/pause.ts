import { carryOut, type Intend } from "./act.ts";
import type { Admin } from "./admin.ts";
import { AdminError, mayBeDone } from "./admin_error.ts";
import { isPaused } from "./health.ts";
import { STATEMENTS } from "./statement.ts";
import { byName } from "./value.ts";

/**
 * Pauses or resumes, and looks whether it is so: of two answers the second may be lost, and with it the connection. Returns
 * the connection, as it is counted, that it was seen over.
 */
export async function pause(
  admin: Admin,
  { wanted, intend }: { readonly wanted: boolean; readonly intend: Intend },
): Promise<number> {
  const statement = wanted ? STATEMENTS.pause() : STATEMENTS.resume();
  return await carryOut(intend, { act: wanted ? "drain" : "resume", statements: [statement] }, async () => {
    let answer: AdminError | undefined;
    try {
      await admin.runAlone(statement);
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      answer = error;
    }
    const is = await isPausedNow(admin).catch((error) => {
      const isRefused = answer !== undefined && !mayBeDone(answer);
      // It may be done, and nobody can tell.
      throw isRefused || !(error instanceof AdminError)
        ? error
        : new AdminError("lost", error.message, error.advice);
    });
    const { connected } = admin;
    if (is === wanted) return connected;
    const isSo = answer === undefined || answer.kind === (wanted ? "paused" : "not-paused");
    // Before 2.6 only the answer tells.
    if (is === undefined && isSo) return connected;
    throw answer ??
      new AdminError("statement", `ProxySQL says OK and is ${wanted ? "not " : "still "}paused`);
  });
}

async function isPausedNow(admin: Admin): Promise<boolean | undefined> {
  return isPaused(byName(await admin.rows(STATEMENTS.globals())));
}
