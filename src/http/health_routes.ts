import { Hono } from "hono";
import type { HttpContext } from "./context.ts";
import type { DatabaseState } from "./fleet/mod.ts";

/** No look at any database for so long, in milliseconds, or for so many of its intervals: looks are not made any more. */
const STUCK = 60_000;
const STUCK_INTERVALS = 10;

/** Whether the program can do its work. */
export interface Readiness {
  readonly ready: boolean;
  /** Why not; empty if it is ready. */
  readonly reasons: readonly string[];
  readonly databases: Readonly<Record<DatabaseState["reach"], number>>;
}

/**
 * `/healthz`: whether the program is alive, in one word; a restart helps if it is not. `/readyz`: whether it does its work,
 * and why not.
 */
export function healthRoutes(context: HttpContext): Hono {
  return new Hono()
    .get("/healthz", (request) => {
      const isAlive = !isStuck(context);
      return request.text(isAlive ? "ok\n" : "no looks are made\n", isAlive ? 200 : 503);
    })
    .get("/readyz", (request) => {
      const readiness = readinessOf(context);
      return request.json(readiness, readiness.ready ? 200 : 503);
    });
}

/** Databases that cannot be reached are no reason to restart. */
function isStuck({ fleet, clock }: HttpContext): boolean {
  const watched = fleet.databases().filter(({ reach }) => reach === "watched");
  if (watched.length === 0) return false;
  const now = clock.wall();
  return watched.every(({ lookedAt, since, interval }) =>
    now - (lookedAt ?? since) > Math.max(STUCK, STUCK_INTERVALS * interval)
  );
}

function readinessOf(context: HttpContext): Readiness {
  const databases = { connecting: 0, watched: 0, unreachable: 0 };
  let looked = 0;
  for (const { reach, lookedAt } of context.fleet.databases()) {
    databases[reach]++;
    if (lookedAt !== undefined) looked++;
  }
  const reasons = [
    ...looked === 0 ? ["no database was looked at yet"] : [],
    ...databases.unreachable > 0 && databases.watched + databases.connecting === 0
      ? ["no database can be reached"]
      : [],
    ...isStuck(context) ? ["no looks are made any more"] : [],
    ...context.journalUsable() === false ? ["the journal cannot be written, and nothing is killed"] : [],
  ];
  return { ready: reasons.length === 0, reasons, databases };
}
